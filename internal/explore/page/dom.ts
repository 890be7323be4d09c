// Small helpers for elements of the page.

type Child = Node | string | null | undefined | false;

/** h returns a new element with properties and children. A property "class", "for" or with a dash is an attribute. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, properties: Record<string, any> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith("on") || name === "value" || name === "checked" || name === "hidden") (e as any)[name] = value;
    else e.setAttribute(name, value === true ? "" : String(value));
  }
  e.append(...children.filter((c): c is Node | string => c !== null && c !== undefined && c !== false));
  return e;
}

/** svg returns a new element of a drawing. */
export function svg(tag: string, attributes: Record<string, string | number>, ...children: (Node | string)[]): SVGElement {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, String(value));
  e.append(...children);
  return e;
}

export const number = (n: number) => n.toLocaleString("en");

let combos = 0;

/**
 * complete makes an input offer completions: suggest returns those of what stands before the cursor, and
 * from where on they replace it. choose is called with the whole text when one is taken or Enter is pressed.
 */
export function complete(input: HTMLInputElement, suggest: (before: string) => Promise<{ from: number; words: string[] }>, choose: (text: string) => void): HTMLElement {
  const id = `completions-${++combos}`;
  const list = h("ul", { class: "completions", id, role: "listbox", hidden: true, "aria-label": "Completions" });
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
  })) input.setAttribute(name, value);
  let words: string[] = [], from = 0, active = -1, turn = 0;
  const close = () => {
    turn++;
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const take = (word: string) => {
    input.value = input.value.slice(0, from) + word;
    close();
    choose(input.value);
  };
  const show = () => {
    list.replaceChildren(...words.map((w, i) => h("li", {
      role: "option", id: `${id}-${i}`, "aria-selected": i === active ? "true" : "false",
      onpointerdown: (e: Event) => {
        e.preventDefault(); // the input keeps the focus
        take(w);
      },
    }, w)));
    list.hidden = words.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (active >= 0) {
      input.setAttribute("aria-activedescendant", `${id}-${active}`);
      list.children[active].scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };
  input.addEventListener("input", async () => {
    const mine = ++turn;
    const found = input.value.trim() === "" ? { from: 0, words: [] } : await suggest(input.value);
    if (mine !== turn) return; // typed on meanwhile
    ({ words, from } = found);
    active = -1;
    show();
  });
  input.addEventListener("keydown", (e) => {
    if (e.isComposing) return;
    const open = !list.hidden;
    if (open && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
      e.preventDefault();
      const n = words.length + 1;
      active = ((active + 1 + (e.key === "ArrowDown" ? 1 : n - 1)) % n) - 1;
      show();
    } else if (e.key === "Enter") {
      e.preventDefault();
      if (open && active >= 0) take(words[active]);
      else {
        close();
        choose(input.value);
      }
    } else if (open && e.key === "Tab" && !e.shiftKey && words.length > 0) {
      e.preventDefault();
      input.value = input.value.slice(0, from) + words[Math.max(0, active)];
      close();
    } else if (open && e.key === "Escape") {
      e.stopPropagation();
      close();
    }
  });
  input.addEventListener("blur", close);
  return h("div", { class: "combo" }, input, list);
}
