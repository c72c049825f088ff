// Keys and small conveniences. Every page works without this file; nothing here builds HTML.
"use strict";

const typing = (node) => node.closest("input, textarea, select, [contenteditable]") !== null;

// A form whose buttons are conclusions: Enter would press the first of them, which nobody chose; it leaves the field instead.
const choosing = (form) => form?.querySelectorAll("button[name]").length > 1;

// A key presses the visible button that names it: data-key on a button, a link or a form.
function press(key) {
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target || target.closest("details.quiet:not([open])")) return false;
  if (target.tagName === "FORM") target.requestSubmit();
  else if (target.tagName === "INPUT" || target.tagName === "TEXTAREA") target.focus();
  else target.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target)) {
    const judges = event.key === "Enter" && event.target.tagName === "INPUT" && choosing(event.target.form);
    if (judges) event.preventDefault();
    if (judges || event.key === "Escape") event.target.blur();
    return;
  }
  const onControl = event.target.closest("a, button, summary") !== null;
  if ((event.key === " " || event.key === "Enter") && onControl) return;
  const key = event.key === " " ? "space" : event.key;
  if (key === "j" || key === "k") move(key === "j" ? 1 : -1);
  else if (press(key)) event.preventDefault();
});

// j and k walk through the rows of the queue, Enter opens one.
function move(step) {
  const rows = [...document.querySelectorAll("tr[data-open]")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const next = Math.min(rows.length - 1, Math.max(0, at + step));
  rows.forEach((row, index) => row.setAttribute("aria-selected", String(index === next)));
  const link = rows[next].querySelector("a");
  if (link) { link.focus(); rows[next].scrollIntoView({ block: "nearest" }); }
}

// A form is sent once; slow ones say what they are doing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  const button = event.submitter ?? form.querySelector("button");
  if (button && button.dataset.busy) button.textContent = button.dataset.busy;
});
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));

// What was typed is kept in this tab until the next page: a refused form comes back filled in, to
// the same person. No password, no file.
const person = document.body.dataset.person;
const keepable = (node) => node.name && !["hidden", "password", "file", "submit"].includes(node.type) && node.tagName !== "BUTTON";
const formOf = (action) => [...document.forms].find((form) => form.getAttribute("action") === action);
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || [...form.elements].some((node) => node.type === "password")) return;
  const values = [...form.elements].filter(keepable).map((node) => [node.value, node.checked ?? false]);
  window.sessionStorage.setItem("typed", JSON.stringify({ action: form.getAttribute("action"), values, person }));
});
function putBack({ action, values }) {
  const nodes = [...(formOf(action)?.elements ?? [])].filter(keepable);
  if (nodes.length !== values.length) return;
  nodes.forEach((node, index) => { [node.value, node.checked] = values[index]; });
  nodes[0]?.closest("details")?.setAttribute("open", "");
}
const refused = document.querySelector("[data-refused]");
const door = document.querySelector("[data-door]");
const typed = JSON.parse(window.sessionStorage.getItem("typed") ?? "null");
if (typed && (refused || door)) { // behind the door it waits for the page that one comes back to
  window.sessionStorage.setItem("typed", JSON.stringify({ ...typed, refused: true }));
  refused?.addEventListener("click", (event) => { event.preventDefault(); window.history.back(); });
} else if (typed) {
  window.sessionStorage.removeItem("typed");
  if (typed.refused && typed.person === person) putBack(typed);
}

// Pointing at a reason lights up its places in the listing, and the other way round.
function light(numbers, on) {
  document.querySelectorAll("mark[data-findings]").forEach((mark) => {
    if (mark.dataset.findings.split(" ").some((n) => numbers.includes(n))) mark.classList.toggle("on", on);
  });
  document.querySelectorAll(".reason[data-number]").forEach((card) => {
    if (numbers.includes(card.dataset.number)) card.classList.toggle("on", on);
  });
}
for (const node of document.querySelectorAll(".reason[data-number], mark[data-findings]")) {
  const numbers = node.dataset.number ? [node.dataset.number] : node.dataset.findings.split(" ");
  node.addEventListener("mouseenter", () => light(numbers, true));
  node.addEventListener("mouseleave", () => light(numbers, false));
}

// Filters apply themselves when a choice changes.
document.querySelectorAll("form[data-auto] select").forEach((select) =>
  select.addEventListener("change", () => select.form.requestSubmit()));

// Ticks of a list: all or none, and how many.
for (const form of document.querySelectorAll("form[data-batch]")) {
  const ticks = [...form.querySelectorAll('input[name="lead"]')];
  const all = form.querySelector("[data-all]");
  const show = () => {
    const count = ticks.filter((tick) => tick.checked).length;
    form.querySelector("[data-count]").textContent = String(count);
    all.checked = count === ticks.length;
    all.indeterminate = count > 0 && count < ticks.length;
  };
  if (!all) continue;
  all.addEventListener("change", () => { ticks.forEach((tick) => { tick.checked = all.checked; }); show(); });
  ticks.forEach((tick) => tick.addEventListener("change", show));
  show();
}

// The next lead is fetched while this one is looked at, with its pictures; the browser keeps it for half a minute.
async function ahead(link) {
  const answer = await fetch(link.href, { headers: { "x-ahead": "1" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const node of page.querySelectorAll("img[src], svg image[href]")) {
    new Image().src = node.getAttribute("src") ?? node.getAttribute("href");
  }
}
const following = document.querySelector("a[data-ahead]");
if (following) window.setTimeout(() => ahead(following).catch(() => {}), 300);

// A page that was fetched ahead says when it is really opened; if the lead has changed meanwhile, it is asked for anew.
for (const form of document.querySelectorAll("form[data-opened]")) {
  fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true })
    .then((answer) => { if (answer.status === 205) window.location.reload(); })
    .catch(() => {});
}
