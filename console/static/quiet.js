// What pages do beyond plain forms: send each form once, say when nothing can be saved, and lose no word.
"use strict";

const page = document.body.dataset;
const saved = document.getElementById("saved");
const keeping = new Set(); // drafts on their way
let unsaved = false;

document.querySelector("[data-focus]")?.focus();

document.addEventListener("input", (event) => {
  if (event.target.matches("textarea, input:not([type])")) unsaved = true;
});

document.addEventListener("htmx:before:request", (event) => {
  const { sourceElement } = event.detail.ctx;
  if (sourceElement.form?.dataset.sent) event.preventDefault();
  else keeping.add(sourceElement);
});
document.addEventListener("htmx:finally:request", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  keeping.delete(sourceElement);
  if (sourceElement.matches("textarea") && response?.status === 200) unsaved = false;
});
document.addEventListener("htmx:error", () => saved && (saved.textContent = page.offline));

// A form leaves when the server can be reached, and once; until then what was written stays here.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent === "now") {
    form.dataset.sent = "gone";
    unsaved = false;
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

async function reachable() {
  try {
    for (let n = 0; keeping.size && n < 40; n++) await new Promise((go) => setTimeout(go, 50));
    await fetch("/healthz", { cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}

function say(form, sentence) {
  const place = saved || form.querySelector("[role=status]") || form.appendChild(document.createElement("p"));
  place.setAttribute("role", "status");
  place.textContent = sentence;
}

window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach((form) => delete form.dataset.sent);
});

window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
