// What pages gain from a script: results while typing, arrow keys, copying. Without it every page still works.
(() => {
  "use strict";

  const status = document.getElementById("status");
  document.documentElement.classList.add("js");

  // Results while typing

  const form = document.querySelector("form[data-live]");
  const box = document.querySelector("input[type=search]");
  const region = form && document.getElementById(form.dataset.live);
  const wait = 110;
  const kept = new Map();

  if (form && region) live();

  function live() {
    const first = { path: location.pathname, title: document.title, nodes: [...region.childNodes] };
    // The registry may live below a path: the page's own links know it.
    const root = new URL(document.querySelector(".brand").href).pathname;
    const home = first.path === root || first.path + "/" === root;
    let shown = box.defaultValue.trim();
    let timer = 0;
    let pending = null;

    box.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(search, wait);
    });
    form.addEventListener("submit", (event) => {
      if (!home || box.value.trim()) {
        event.preventDefault();
        clearTimeout(timer);
        search();
        // Lets a phone's keyboard make way for the results.
        if (matchMedia("(hover: none)").matches) box.blur();
      }
    });
    // A browser may bring back what was typed before, without the event.
    addEventListener("pageshow", () => box.value.trim() !== shown && search());

    async function search() {
      const query = box.value.trim();
      if (query === shown) return;
      pending?.abort();
      shown = query;
      if (!query && home) return show(first.nodes, root, first.title);
      const asked = (pending = new AbortController());
      const path = root + "search?q=" + encodeURIComponent(query);
      const late = setTimeout(() => form.setAttribute("aria-busy", "true"), 150);
      try {
        const html = kept.get(query) ?? (await fetchText(path + "&fragment=1", asked.signal));
        keep(query, html);
        const page = new DOMParser().parseFromString(html, "text/html");
        show([...page.body.childNodes], path, (query || "All servers") + " · " + document.querySelector(".brand").textContent);
      } catch (error) {
        if (error.name === "AbortError") return;
        shown = null;
        status.textContent = "The search did not answer. Press Enter to try again.";
      } finally {
        clearTimeout(late);
        if (pending === asked) form.removeAttribute("aria-busy");
      }
    }

    function show(nodes, path, title) {
      form.removeAttribute("aria-busy");
      region.replaceChildren(...nodes);
      history.replaceState(null, "", path);
      document.title = title;
      status.textContent = region.querySelector(".count")?.textContent ?? "";
    }
  }

  async function fetchText(path, signal) {
    const answer = await fetch(path, { signal, headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error("status " + answer.status);
    return answer.text();
  }

  function keep(query, html) {
    kept.delete(query);
    kept.set(query, html);
    if (kept.size > 40) kept.delete(kept.keys().next().value);
  }

  // Keys: `/` to the box, arrows through the results, Escape back

  document.addEventListener("keydown", (event) => {
    if (!box || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const at = document.activeElement;
    if (event.key === "/" && !at.closest("input, textarea, select, [contenteditable]")) {
      event.preventDefault();
      box.focus();
      box.select();
      return;
    }
    const links = region ? [...region.querySelectorAll(".hit-link")] : [];
    const place = links.indexOf(at);
    if (at !== box && place < 0) return;
    if (event.key === "ArrowDown" && links[place + 1]) go(event, links[place + 1]);
    else if (event.key === "ArrowUp" && place >= 0) go(event, links[place - 1] ?? box);
    else if (event.key === "Escape" && place >= 0) go(event, box);
  });

  function go(event, target) {
    event.preventDefault();
    target.focus();
    target.closest(".hit, form").scrollIntoView({ block: "nearest" });
  }

  // Copying

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const done = await copy(button.dataset.copy);
    const word = button.firstElementChild;
    word.textContent = done ? "Copied" : "Failed";
    button.classList.toggle("is-done", done);
    status.textContent = done ? "Copied" : "Could not copy";
    setTimeout(() => {
      word.textContent = "Copy";
      button.classList.remove("is-done");
    }, 1600);
  });

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Plain http, as in a company's own network, has no clipboard: the old way still works there.
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "unseen";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }
})();
