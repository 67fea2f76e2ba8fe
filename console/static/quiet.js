// What pages do beyond plain forms: send each form once, say when nothing can be saved, and lose no word.
"use strict";

const page = document.body.dataset;
const saved = document.getElementById("saved");
const keeping = new Map(); // fields of which a draft is on its way, with what stood there when it left
const kept = new Map(); // fields of which a draft has arrived, with what it says
const PATIENCE = 10_000; // how long the server may take to say that it is there, in milliseconds
let leaving; // the form that is being sent

document.querySelector("[data-focus]")?.focus();

document.addEventListener("htmx:before:request", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  if (request.method !== "POST") return;
  if (request.form.dataset.sent) return event.preventDefault();
  request.body = new URLSearchParams(new FormData(request.form)); // it may have waited for another
  keeping.set(sourceElement, sourceElement.value);
});
document.addEventListener("htmx:finally:request", (event) => {
  const { sourceElement, status, response } = event.detail.ctx;
  if (!keeping.has(sourceElement)) return;
  const sent = keeping.get(sourceElement);
  const arrived = status === "swapped" && response.status === 200;
  keeping.delete(sourceElement);
  if (arrived) kept.set(sourceElement, sent);
  const unsure = sourceElement.form.elements.sent; // what may be kept all the same
  unsure.value = arrived ? "" : `${unsure.value} ${printOf(sent)}`.trim();
});
document.addEventListener("htmx:error", () => saved && (saved.textContent = page.offline));

// A form leaves when the server can be reached, and once; until then what was written stays here.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post") return; // `form.method` may be a field of that name
  if (form.dataset.sent === "now") {
    form.dataset.sent = "gone";
    leaving = form;
    return;
  }
  event.preventDefault();
  if (form.dataset.sent) return;
  form.dataset.sent = "soon";
  if (await reachable()) {
    form.dataset.sent = "now";
    form.requestSubmit(event.submitter);
  } else {
    delete form.dataset.sent;
    say(form, page.offline);
  }
});

function printOf(text) {
  // Short, as an outage leaves many, and of digits, as forms send line ends in a way of their own: the bytes as one
  // number, modulo a prime. questions.py makes it in the same way.
  return new TextEncoder().encode(text).reduce((print, byte) => (print * 256n + BigInt(byte)) % (10n ** 18n + 9n), 0n);
}

async function reachable() {
  try {
    for (let n = 0; keeping.size && n < 200; n++) await new Promise((go) => setTimeout(go, 50));
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch("/healthz", { cache: "no-store", signal });
    return answer.status < 500; // what a balancer answers for a server that is away isn't the server's
  } catch {
    return false;
  }
}

function say(form, sentence) {
  const place = saved || form.querySelector("[role=status]") || form.appendChild(document.createElement("p"));
  place.setAttribute("role", "status");
  place.textContent = sentence;
}

function stay() {
  leaving = undefined;
  document.querySelectorAll("form").forEach((form) => delete form.dataset.sent);
}

window.addEventListener("pageshow", (event) => event.persisted && stay());

window.addEventListener("beforeunload", (event) => {
  const fields = document.querySelectorAll("form[method=post] :is(textarea, input:not([type]), [data-words])");
  if (![...fields].some(isUnsaved)) return;
  event.preventDefault();
  setTimeout(stay); // if that is what was chosen
});

function isUnsaved(field) {
  const known = kept.get(field) ?? ("unsaved" in page ? "" : field.defaultValue);
  return field.form !== leaving && field.value !== known;
}
