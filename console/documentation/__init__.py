"""What Cairn says of its API: the OpenAPI document, the pages that show it, the page of each problem."""
