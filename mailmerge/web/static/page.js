// Everything works without this file but the drop, the live progress, the memory of what is ticked
// and the end with the tab.
"use strict";

const token = document.querySelector("meta[name=csrf]")?.content ?? "";

// --- the tab says that it is there, so that the program can end with the last one ---

// Each time the page is shown it has a new name: it can't come back from its farewell.
const newName = () => crypto.randomUUID?.() ?? String(Math.random());
let tab = newName();

function tell(leaving) {
  const words = new URLSearchParams({ csrf: token, onglet: tab });
  if (leaving) words.set("depart", "1");
  if (leaving) navigator.sendBeacon("/presence", words);
  else fetch("/presence", { method: "POST", body: words }).catch(() => gone());
}

function gone() {
  const place = document.getElementById("messages");
  if (!place || place.querySelector("[data-gone]")) return;
  const said = document.createElement("p");
  said.className = "saying attention";
  said.setAttribute("role", "alert");
  said.dataset.gone = "";
  said.textContent = "Le programme s’est arrêté. Tout est enregistré : lancez-le de nouveau pour continuer.";
  place.append(said);
}

if (token) {
  tell(false);
  setInterval(tell, Number(document.querySelector("meta[name=beat]").content) * 1000, false);
  addEventListener("pagehide", () => tell(true));
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    tab = newName();
    tell(false);
  });
}

// --- files are sent as soon as they are chosen or dropped ---

for (const form of document.querySelectorAll("[data-drop]")) {
  const input = form.querySelector("input[type=file]");
  const send = () => {
    if (!input.files.length) return;
    form.querySelector("[data-busy]").textContent = "Envoi et lecture en cours…";
    form.requestSubmit();
  };
  input.addEventListener("change", send);
  for (const kind of ["dragenter", "dragover"]) {
    form.addEventListener(kind, (event) => { event.preventDefault(); form.classList.add("over"); });
  }
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    input.files = event.dataTransfer.files;
    send();
  });
}
// A file dropped beside the place must not replace the page.
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());

for (const form of document.querySelectorAll("[data-send]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

for (const form of document.querySelectorAll("[data-confirm]")) {
  form.addEventListener("submit", (event) => {
    if (!confirm(form.dataset.confirm)) event.preventDefault();
  });
}

for (const button of document.querySelectorAll("[data-sure]")) {
  button.addEventListener("click", (event) => {
    const name = button.closest("li").querySelector("h3").textContent;
    if (!confirm(`Retirer ${name} du dossier des résultats ?`)) event.preventDefault();
  });
}

for (const form of document.querySelectorAll("[data-once]")) {
  const buttons = [...form.elements].filter((element) => element.type === "submit");
  form.addEventListener("submit", ({ submitter }) => {
    // After the browser has read which button was pressed.
    setTimeout(() => {
      for (const button of buttons) button.disabled = true;
      if (submitter?.dataset.busyText) submitter.textContent = submitter.dataset.busyText;
    });
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) for (const button of buttons) button.disabled = false;
  });
}

// What was typed is not lost by a step elsewhere without a word.
for (const form of document.querySelectorAll("form.fields")) {
  let unsaved = false;
  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; });
  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
}

// --- ticking ---

for (const form of document.querySelectorAll("[data-chooser]")) {
  const all = form.querySelector("[data-all]");
  const boxes = [...form.querySelectorAll("tbody input[type=checkbox]:not(:disabled)")];
  const said = form.querySelector("[data-chosen]");
  const unpick = form.querySelector("[data-unpick]");
  const ticked = (name) => boxes.filter((box) => box.checked && box.name === name).length;
  const words = (count, one) => (count ? [`${count}\u00a0${one}${count > 1 ? "s" : ""}`] : []);
  const count = () => {
    const here = boxes.filter((box) => box.checked).length;
    all.checked = here > 0 && here === boxes.length;
    all.indeterminate = here > 0 && here < boxes.length;
    const chosen = [
      ...words(Number(said.dataset.classes) + ticked("classe"), "classe"),
      ...words(Number(said.dataset.pupils) + ticked("eleve"), "élève"),
    ];
    said.textContent = chosen.length ? `Choix\u00a0: ${chosen.join(" et ")}` : "";
    unpick.hidden = !chosen.length;
  };
  // The program keeps what is ticked: another tab of the page, or tomorrow, finds it. One after
  // the other, so that the last word is the last.
  let kept = Promise.resolve();
  const keep = () => {
    kept = kept.then(() => {
      const body = new URLSearchParams(new FormData(form));
      return fetch("/choix", { method: "POST", body, keepalive: true });
    }).catch(() => {});
  };
  all.hidden = !boxes.length;
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  form.addEventListener("change", () => { count(); keep(); });
  count();
}

// --- the run, as it happens ---

const follow = document.querySelector("[data-follow]");
if (follow) {
  const source = new EventSource("/edition/progression");
  source.onmessage = (event) => {
    const news = JSON.parse(event.data);
    if (!news.running) {
      source.close();
      location.replace("/edition#production");
      location.reload();
      return;
    }
    follow.querySelector("[data-stage]").textContent = news.stage;
    const bar = follow.querySelector("[data-bar]");
    bar.max = news.total || 1;
    bar.value = news.done;
    follow.querySelector("[data-count]").textContent = news.total > 1 ? `${news.done} sur ${news.total}.` : "";
    if (news.stopping) {
      const stop = follow.querySelector("[data-stop]");
      stop.textContent = "Arrêt après la classe en cours…";
      stop.disabled = true;
    }
  };
}

// --- the preview and the check beside it ---

const preview = document.querySelector("[data-preview]");
if (preview) {
  const fail = () => {
    preview.hidden = true;
    const place = document.querySelector("[data-preview-problem]");
    place.textContent = "L’aperçu n’a pas pu être fait : voyez les messages de la vérification.";
    place.hidden = false;
  };
  preview.addEventListener("error", fail);
  if (preview.complete && !preview.naturalWidth) fail();
  // The next pupil is drawn while this one is looked at.
  preview.addEventListener("load", () => { if (preview.dataset.next) new Image().src = preview.dataset.next; });
  const place = document.querySelector("[data-check]");
  place.textContent = "Vérification du modèle…";
  const check = () => fetch("/modele/verification").then((answer) => answer.text()).then((text) => {
    const fragment = new DOMParser().parseFromString(text, "text/html").querySelector("[data-remarks]");
    if (fragment) place.replaceChildren(fragment);
  }).catch(() => place.replaceChildren());
  // The pupil first: the check takes the computer for some seconds.
  if (preview.complete) check();
  else for (const kind of ["load", "error"]) preview.addEventListener(kind, check, { once: true });
}
