import "./style.css";
import { complete, h, number } from "./dom";
import { facts } from "./facts";
import { Camera, MapView, Marks } from "./map";
import { Atlas, Differences, Failure, FileSource, Model, Neighbor, ServerSource, Source } from "./source";
import { longestSharedList, parse, read, State, Tab, write } from "./state";

const byId = <T extends HTMLElement = HTMLElement>(id: string) => document.getElementById(id) as T;
const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The names of tabs. */
const tabs: [Tab, string][] = [["neighbors", "Neighbors"], ["analogy", "Analogy"], ["compare", "Compare"], ["model", "Model"]];

/** Lists are this long at most. */
const mostAnswers = 200;

/** As many words of a list have a point of their own; others have their color only. */
const mostMarked = 2000;

/** A Pane is a map with the model that it shows. */
class Pane {
  readonly view: MapView;
  readonly element = h("section", { class: "pane" });
  private readonly note = h("p", { class: "pane-note", role: "status" });
  private readonly title = h("h2", { class: "pane-title" });
  private readonly place = h("div", { role: "application", "aria-label": "Map of words. Arrow keys move it, plus and minus zoom, 0 shows all." });
  atlas?: Atlas;
  model = "";
  private shown = "";
  private painted = "";

  constructor(private readonly app: App) {
    this.element.append(this.title, this.place, this.note);
    this.say("");
    this.view = new MapView(this.place);
    this.view.onPick = (id) => app.pick(this.atlas!.words[id]);
  }

  /** load gets the map of a model, if it is not there yet. */
  async load(model: string): Promise<void> {
    if (this.model === model) return;
    this.model = model;
    this.atlas = undefined;
    this.shown = "";
    this.say("Loading…");
    this.view.show({ words: [], positions: new Uint16Array() });
    try {
      const atlas = await this.app.atlas(model, (text) => this.model === model && this.say(text));
      if (this.model !== model) return;
      this.atlas = atlas;
      this.say(atlas.words.length === 0 ? "This model has no words." : "");
    } catch (e) {
      if (this.model === model) {
        this.model = "";
        this.say(failed(e).message);
      }
    }
  }

  say(text: string): void {
    this.note.textContent = text;
    this.note.hidden = text === "";
  }

  draw(state: State, title: string, marks: (atlas: Atlas) => Marks, camera?: Camera): void {
    this.title.textContent = title;
    this.title.hidden = title === "";
    this.view.corner = title === "" ? 0 : this.title.offsetLeft + this.title.offsetWidth;
    if (!this.atlas) return;
    const a = this.atlas, shown = `${this.model} ${state.map}`;
    if (shown !== this.shown) {
      this.view.show({ words: a.words, positions: state.map === "pca" ? a.pca : a.umap }, camera);
      this.shown = shown;
      this.painted = "";
    }
    const painted = [state.color, state.cluster, state.color === "list" ? state.list.join("\n") : "", this.app.dark()].join("\n");
    if (painted !== this.painted) {
      this.view.setTheme({ ground: css("--ground"), ink: css("--ink"), muted: css("--muted"), accent: css("--accent"), arrow: css("--arrow") });
      this.view.paint(colors(a, state));
      this.painted = painted;
    }
    this.view.mark(marks(a));
  }
}

/** colors returns four bytes for each word. */
function colors(a: Atlas, s: State): Uint8Array {
  const n = a.words.length, rgba = new Uint8Array(4 * n);
  const set = (i: number, c: number[], alpha: number) => rgba.set([c[0], c[1], c[2], alpha], 4 * i);
  const veil = n > 20000 ? 45 : 70; // of words that don't count
  const gray = rgb(css("--faint")), accent = rgb(css("--accent"));
  if (s.color === "list") {
    const listed = new Set(s.list);
    for (let i = 0; i < n; i++) listed.has(a.words[i]) ? set(i, accent, 255) : set(i, gray, veil);
  } else if (s.color === "frequency") {
    const ramp = [0, 1, 2, 3].map((k) => rgb(css(`--ramp-${k}`)));
    const most = Math.log(Math.max(2, a.counts[0] || n)), least = a.counts[n - 1] > 0 ? Math.log(a.counts[n - 1]) : 0;
    for (let i = 0; i < n; i++) {
      const value = a.counts[i] > 0 ? (Math.log(a.counts[i]) - least) / (most - least || 1) : 1 - Math.log(i + 1) / Math.log(n + 1);
      const t = Math.max(0, Math.min(2.999, value * 3)), k = Math.floor(t);
      set(i, ramp[k].map((v, j) => v + (ramp[k + 1][j] - v) * (t - k)), 215);
    }
  } else {
    const hues = Array.from({ length: 12 }, (_, k) => rgb(css(`--cluster-${k}`)));
    for (let i = 0; i < n; i++) {
      const c = a.clusters[i];
      s.cluster < 0 || s.cluster === c ? set(i, hues[c % hues.length], 205) : set(i, gray, veil);
    }
  }
  return rgba;
}

/** rgb returns the three values of a color of the style sheet, #rrggbb. */
function rgb(color: string): number[] {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) || 0);
}

/** failed returns an error as a message for the reader. */
function failed(e: unknown): Failure {
  if (e instanceof Failure) return e;
  console.error(e);
  return new Failure("Something went wrong on this page: " + (e instanceof Error ? e.message : String(e)));
}

class App {
  state: State;
  private readonly names: string[];
  private readonly panes: Pane[];
  private readonly atlases = new Map<string, Promise<Atlas>>();
  private turn = 0;
  /** The answers that are shown: of the model, and of the other one. */
  private answers: Neighbor[][] = [[], []];
  private asked: string[] = [];
  private addressTimer = 0;
  private readonly differences = new Map<string, Differences>();

  constructor(private readonly source: Source) {
    this.names = source.models.map((m) => m.name);
    this.state = read(location.hash, this.names);
    this.panes = [new Pane(this), new Pane(this)];
    byId("maps").append(...this.panes.map((p) => p.element));
    this.panes[0].view.onMove = () => {
      clearTimeout(this.addressTimer);
      this.addressTimer = window.setTimeout(() => this.address(false), 250);
    };
    this.controls();
    window.addEventListener("hashchange", () => this.go(read(location.hash, this.names)));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    void this.render(this.state.camera);
  }

  dark(): boolean {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  atlas(model: string, wait: (text: string) => void): Promise<Atlas> {
    let a = this.atlases.get(model);
    if (!a) {
      a = this.source.atlas(model, wait);
      a.catch(() => this.atlases.delete(model));
      this.atlases.set(model, a);
    }
    return a;
  }

  /** set changes the state, and with push leaves the one before in the history of the browser. */
  set(change: Partial<State>, push = true): void {
    this.state = { ...this.state, ...change };
    this.address(push);
    void this.render();
  }

  private go(state: State): void {
    const camera = state.camera;
    this.state = state;
    void this.render();
    if (this.panes[0].atlas) camera ? this.panes[0].view.go(camera, true) : undefined;
  }

  private address(push: boolean): void {
    this.state.camera = this.panes[0].atlas ? this.panes[0].view.at() : this.state.camera;
    const hash = write(this.state, this.names);
    if (hash === (location.hash || "#")) return;
    history[push ? "pushState" : "replaceState"](null, "", hash);
  }

  /** pick is a click on a word, on a map or in a list. */
  pick(word: string): void {
    const s = this.state;
    if (s.tab === "analogy") {
      const empty = (["a", "b", "c"] as const).find((k) => s[k] === "");
      if (empty) return this.set({ [empty]: word, answer: "" });
      if (this.answers[0].some((n) => n.word === word)) return this.set({ answer: word });
      return this.set({ tab: "neighbors", query: word });
    }
    this.set({ query: word, tab: s.tab === "model" ? "neighbors" : s.tab });
  }

  private isWord = (w: string) => this.panes[0].atlas?.ids.has(w) ?? false;

  /** suggest completes the last word of a text. */
  private suggest = async (text: string, single: boolean): Promise<{ from: number; words: string[] }> => {
    const from = single ? 0 : Math.max(text.lastIndexOf(" ") + 1, 0);
    const tail = text.slice(from), prefix = tail.replace(/^[-−+](?=.)/, "");
    const most = 8, start = from + tail.length - prefix.length;
    if (prefix === "") return { from: start, words: [] };
    const words: string[] = [], lower = prefix.toLowerCase();
    const listed = this.panes[0].atlas?.words ?? [];
    for (const w of listed) { // the exact word first, then the most frequent ones
      if (w === prefix) words.unshift(w);
      else if (words.length < most && w.toLowerCase().startsWith(lower)) words.push(w);
      if (words.length >= most) break;
    }
    if (words.length < most && prefix.length >= 2) {
      const more = await this.source.complete(this.state.model, prefix, most).catch(() => []);
      words.push(...more.filter((w) => !words.includes(w)).slice(0, most - words.length));
    }
    return { from: start, words };
  };

  // Controls that stay.

  private controls(): void {
    const s = this.state;
    const search = byId<HTMLInputElement>("search");
    const place = document.createComment("");
    search.replaceWith(place);
    place.replaceWith(complete(search, (t) => this.suggest(t, false), (text) => {
      this.set({ query: text.trim(), tab: this.state.tab === "compare" ? "compare" : "neighbors" });
    }));
    const choose = byId<HTMLSelectElement>("model");
    choose.replaceChildren(...this.names.map((n) => h("option", { value: n }, n)));
    choose.parentElement!.hidden = this.names.length < 2;
    choose.onchange = () => this.set({ model: choose.value, cluster: -1, answer: "" });
    byId<HTMLSelectElement>("map-kind").onchange = (e) => this.set({ map: (e.target as HTMLSelectElement).value as State["map"] });
    byId<HTMLSelectElement>("color").onchange = (e) => {
      const color = (e.target as HTMLSelectElement).value as State["color"];
      this.set({ color, cluster: -1 });
      if (color === "list" && this.state.list.length === 0) this.editList();
    };
    for (const [id, act] of Object.entries({
      "zoom-in": (v: MapView) => v.zoom(1.6), "zoom-out": (v: MapView) => v.zoom(1 / 1.6), "zoom-all": (v: MapView) => v.goHome(),
    })) byId(id).onclick = () => this.panes.filter((p) => p.atlas).forEach((p) => act(p.view));
    byId("theme").onclick = () => {
      const theme = this.dark() ? "light" : "dark";
      document.documentElement.dataset.theme = theme;
      try {
        localStorage.setItem("kindred-theme", theme);
      } catch { /* not allowed to remember */ }
      this.draw();
    };
    byId("help").onclick = () => byId<HTMLDialogElement>("help-dialog").showModal();
    for (const d of document.querySelectorAll("dialog")) d.addEventListener("click", (e) => e.target === d && d.close());
    byId("tabs").append(...tabs.map(([tab, name], i) => h("button", {
      type: "button", role: "tab", id: `tab-${tab}`, "aria-controls": "panel",
      onclick: () => this.set({ tab }),
      onkeydown: (e: KeyboardEvent) => {
        const step = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
        if (step === 0) return;
        const next = tabs[(i + step + tabs.length) % tabs.length][0];
        this.set({ tab: next });
        byId(`tab-${next}`).focus();
      },
    }, name)));
    byId("list-form").onsubmit = () => this.set({ list: words(byId<HTMLTextAreaElement>("list").value), color: "list" });
    byId<HTMLInputElement>("list-file").onchange = async (e) => {
      const file = (e.target as HTMLInputElement).files?.[0];
      if (file) byId<HTMLTextAreaElement>("list").value = await file.text();
    };
    document.addEventListener("keydown", (e) => this.key(e));
    byId("source-note").textContent = this.source.part
      ? `This page has ${number(this.source.part)} words and needs no connection. Its vectors are rounded to 8 bits.` : "";
    byId("source-note").hidden = !this.source.part;
  }

  private key(e: KeyboardEvent): void {
    const target = e.target as HTMLElement;
    if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
    if (e.key === "Escape") {
      if (typing) target.blur();
      else this.set({ query: "", cluster: -1, a: "", b: "", c: "", answer: "" });
      return;
    }
    if (typing) return;
    const act: Record<string, () => void> = {
      "/": () => byId<HTMLInputElement>("search").select(), "?": () => byId("help").click(), d: () => byId("theme").click(),
      m: () => this.panes[0].element.querySelector<HTMLElement>(".map")!.focus(),
      1: () => this.set({ tab: "neighbors" }), 2: () => this.set({ tab: "analogy" }), 3: () => this.set({ tab: "compare" }), 4: () => this.set({ tab: "model" }),
      j: () => this.step(1), k: () => this.step(-1),
    };
    if (act[e.key]) {
      e.preventDefault();
      act[e.key]();
    }
  }

  /** step moves the focus among the answers. */
  private step(by: number): void {
    const all = [...document.querySelectorAll<HTMLElement>("#panel button.word")];
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
  }

  private editList(): void {
    byId<HTMLTextAreaElement>("list").value = this.state.list.join("\n");
    byId<HTMLDialogElement>("list-dialog").showModal();
  }

  // What follows from the state.

  private async render(camera?: Camera): Promise<void> {
    const mine = ++this.turn, s = this.state;
    byId<HTMLSelectElement>("model").value = s.model;
    byId<HTMLSelectElement>("map-kind").value = s.map;
    byId<HTMLSelectElement>("color").value = s.color;
    const search = byId<HTMLInputElement>("search");
    if (document.activeElement !== search || s.query !== "") search.value = s.query;
    for (const [tab] of tabs) {
      const button = byId(`tab-${tab}`);
      button.setAttribute("aria-selected", String(tab === s.tab));
      button.tabIndex = tab === s.tab ? 0 : -1;
    }
    byId("panel").setAttribute("aria-labelledby", `tab-${s.tab}`);
    document.title = [s.query && s.tab !== "analogy" ? s.query : "", "kindred"].filter(Boolean).join(" · ");
    const two = s.tab === "compare" && s.other !== "";
    byId("maps").classList.toggle("two", two);
    this.panes[1].element.hidden = !two;
    const kept = this.asked.join("\n");
    if (this.key_() !== kept) this.answers = [[], []];
    this.draw(camera);
    this.panel();
    const loads = [this.panes[0].load(s.model), two ? this.panes[1].load(s.other) : undefined];
    await Promise.all(loads);
    if (mine !== this.turn) return;
    this.draw(camera);
    if (this.key_() !== kept || this.answers[0].length === 0) await this.ask(mine);
  }

  /** key_ is the question that the state asks. */
  private key_(): string {
    const s = this.state;
    return s.tab === "analogy" ? [s.tab, s.model, s.a, s.b, s.c, s.method, s.top].join("\n")
      : s.tab === "model" ? "" : [s.tab === "compare" ? s.other : "", s.model, s.query, s.top].join("\n");
  }

  private async ask(mine: number): Promise<void> {
    const s = this.state, key = this.key_();
    const failures: (Failure | undefined)[] = [];
    const answers: Neighbor[][] = [[], []];
    const attempt = async (i: number, question: () => Promise<Neighbor[]>) => {
      try {
        answers[i] = await question();
      } catch (e) {
        failures[i] = failed(e);
      }
    };
    if (s.tab === "analogy") {
      if (s.a && s.b && s.c) await attempt(0, () => this.source.analogy(s.model, s.a, s.b, s.c, s.method, s.top));
    } else if (s.tab !== "model" && s.query) {
      const { positive, negative } = parse(s.query, this.isWord);
      if (positive.length === 0) failures[0] = failures[1] = new Failure("Give a word to add, before those to subtract.");
      else await Promise.all([s.model, ...(s.tab === "compare" && s.other ? [s.other] : [])].map((m, i) => attempt(i, () => this.source.neighbors(m, positive, negative, s.top))));
    }
    if (mine !== this.turn) return;
    this.answers = answers;
    this.asked = key.split("\n");
    this.panel(failures);
    this.draw();
    this.show();
  }

  /** show moves the maps so that the question and its answers are seen. */
  private show(): void {
    this.panes.forEach((p, i) => {
      if (!p.atlas || p.element.hidden || (i === 0 && this.state.camera)) return;
      const m = this.marks(p.atlas, i);
      p.view.frameWords(m.selected, m.near.slice(0, 12));
    });
    this.state.camera = undefined;
  }

  private draw(camera?: Camera): void {
    const s = this.state, two = s.tab === "compare" && s.other !== "";
    this.panes.forEach((p, i) => {
      if (!p.element.hidden) p.draw(s, two ? p.model : "", (a) => this.marks(a, i), i === 0 ? camera : undefined);
    });
    this.legend();
  }

  /** marks returns what stands out on the map of the model, or of the other one. */
  private marks(a: Atlas, which: number): Marks {
    const s = this.state;
    const ids = (list: string[]) => list.map((w) => a.ids.get(w)).filter((id): id is number => id !== undefined);
    const listed = s.color === "list" ? ids(s.list.slice(0, mostMarked)) : [];
    if (s.tab === "model") return { selected: [], near: [], listed, lines: [], arrows: [] };
    if (s.tab === "analogy") {
      const answer = s.answer || this.answers[0][0]?.word || "";
      const [from, to, from2, to2] = [s.a, s.b, s.c, answer].map((w) => a.ids.get(w));
      const arrows: [number, number][] = [];
      if (from !== undefined && to !== undefined) arrows.push([from, to]);
      if (from2 !== undefined && to2 !== undefined) arrows.push([from2, to2]);
      return { selected: ids([s.a, s.b, s.c]), near: ids([answer].filter(Boolean)), listed, lines: [], arrows };
    }
    const { positive, negative } = parse(s.query, this.isWord);
    const selected = ids([...positive, ...negative]);
    const near = ids(this.answers[which].map((n) => n.word));
    return { selected, near, listed, lines: selected.length === 1 ? near.map((id) => [selected[0], id]) : [], arrows: [] };
  }

  private legend(): void {
    const legend = byId("legend"), s = this.state, a = this.panes[0].atlas;
    legend.replaceChildren();
    if (!a) return;
    if (s.color === "cluster") {
      legend.append(...a.names.map((list, c) => h("button", {
        type: "button", class: "chip", "aria-pressed": String(s.cluster === c), title: "Show this cluster alone",
        onclick: () => this.set({ cluster: s.cluster === c ? -1 : c }),
      }, h("span", { class: `swatch cluster-${c % 12}` }), list.join(", "))));
    } else if (s.color === "frequency") {
      const last = a.words.length - 1, known = a.counts[last] > 0;
      legend.append(h("span", { class: "ramp" }), h("span", {}, known
        ? `from ${number(a.counts[last])} times in the text to ${number(a.counts[0])} times, on a logarithmic scale`
        : "from the last word to the first one in the file; counts are not known"));
    } else {
      const found = s.list.filter((w) => a.ids.has(w)).length;
      const missing = s.list.filter((w) => !a.ids.has(w));
      legend.append(
        h("button", { type: "button", class: "plain", onclick: () => this.editList() }, "Edit the list"),
        h("span", {}, s.list.length === 0 ? "The list is empty." : `${number(found)} of ${number(s.list.length)} words are on the map.` +
          (missing.length > 0 ? ` Missing: ${missing.slice(0, 5).join(", ")}${missing.length > 5 ? ", …" : ""}.` : "") +
          (s.list.join("\n").length > longestSharedList ? " The list is too long to be part of the address." : "")));
    }
  }

  // The panel beside the map.

  private panel(failures: (Failure | undefined)[] = []): void {
    const panel = byId("panel"), s = this.state;
    const focused = (document.activeElement as HTMLElement | null)?.id;
    const pending = this.key_() !== this.asked.join("\n");
    panel.replaceChildren(...{
      neighbors: () => this.neighborsPanel(failures[0], pending), analogy: () => this.analogyPanel(failures[0], pending),
      compare: () => this.comparePanel(failures, pending), model: () => this.modelPanel(),
    }[s.tab]());
    if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  private about(word: string): string {
    const a = this.panes[0].atlas, id = a?.ids.get(word);
    if (!a || id === undefined) return "";
    const count = a.counts[id] > 0 ? `${number(a.counts[id])} times in the text, ` : "";
    return `${count}number ${number(id + 1)} of the words.`;
  }

  private neighborsPanel(failure: Failure | undefined, pending: boolean): Node[] {
    const s = this.state;
    if (!s.query) {
      const some = (this.panes[0].atlas?.words ?? []).slice(200, 2000).filter((w) => /^\p{L}{4,}$/u.test(w));
      return [
        h("h2", {}, "Look around"),
        h("p", {}, "Each point is a word, and words that are used alike are near each other. Click one, or search."),
        h("p", {}, "Add and subtract words with blanks around the sign: ", h("kbd", {}, "king woman - man"), "."),
        ...(some.length > 8 ? [h("p", { class: "tries" }, "Try ", ...[0, 1, 2, 3, 4].flatMap((k) => [this.wordButton(some[Math.floor((k + 0.5) * some.length / 5)]), " "]))] : []),
      ];
    }
    return [
      h("h2", { class: "asked" }, s.query),
      h("p", { class: "note" }, this.about(s.query)),
      ...this.outcome(failure, pending, () => [
        this.answerList(this.answers[0], "Nearest words, with the cosine"), ...this.more(this.answers[0].length),
      ]),
    ];
  }

  /** outcome shows a failure, or that the answer is awaited, or the answer. */
  private outcome(failure: Failure | undefined, pending: boolean, answer: () => Node[]): Node[] {
    if (failure) return [this.failure(failure)];
    return pending ? [h("p", { class: "note" }, "Searching…")] : answer();
  }

  /** failure shows a message. Words that it suggests can be clicked. */
  private failure(f: Failure): HTMLElement {
    if (f.suggestions.length === 0) return h("p", { class: "failure", role: "alert" }, f.message);
    const words = f.suggestions.flatMap((w, i) => [i > 0 ? ", " : "", this.wordButton(w)]);
    return h("p", { class: "failure", role: "alert" }, f.message, " Did you mean ", ...words, "?");
  }

  private more(shown: number): Node[] {
    const s = this.state;
    if (shown < s.top || s.top >= mostAnswers) return [];
    return [h("button", { type: "button", id: "more", class: "plain", onclick: () => this.set({ top: Math.min(mostAnswers, s.top < 50 ? 50 : mostAnswers) }, false) }, "More words")];
  }

  private wordButton(word: string): HTMLElement {
    return h("button", { type: "button", class: "word", onclick: () => this.pick(word) }, word);
  }

  /** answerList lists words with their scores. Those of common are marked. */
  private answerList(list: Neighbor[], caption: string, common?: Set<string>, chosen?: string): HTMLElement {
    const most = Math.max(...list.map((n) => n.similarity), 1e-9);
    return h("ol", { class: "answers", "aria-label": caption }, ...list.map((n) => {
      const bar = h("span", { class: "bar" });
      bar.style.width = `${Math.max(0, Math.min(100, (n.similarity / most) * 100))}%`;
      const classes = [common && (common.has(n.word) ? "common" : "alone"), n.word === chosen && "chosen"].filter(Boolean).join(" ");
      return h("li", { class: classes || undefined }, bar, this.wordButton(n.word), h("span", { class: "figure" }, n.similarity.toFixed(3)));
    }));
  }

  private analogyPanel(failure: Failure | undefined, pending: boolean): Node[] {
    const s = this.state;
    const field = (key: "a" | "b" | "c", hint: string) => {
      const input = h("input", { id: `analogy-${key}`, type: "text", value: s[key], placeholder: hint, "aria-label": hint });
      return complete(input, (t) => this.suggest(t, true), (text) => {
        const next = ({ a: "b", b: "c", c: "c" } as const)[key];
        this.set({ [key]: text.trim(), answer: "" });
        if (!this.state[next]) byId(`analogy-${next}`)?.focus();
      });
    };
    const method = h("select", { id: "method", onchange: (e: Event) => this.set({ method: (e.target as HTMLSelectElement).value, answer: "" }) },
      h("option", { value: "3CosAdd" }, "3CosAdd"), h("option", { value: "3CosMul" }, "3CosMul"));
    method.value = s.method;
    const answer = s.answer || this.answers[0][0]?.word || "";
    const full = s.a && s.b && s.c;
    return [
      h("h2", {}, "Analogy"),
      h("div", { class: "analogy" }, field("a", "man"), h("span", {}, "is to"), field("b", "king"), h("span", {}, "as"), field("c", "woman"), h("span", {}, "is to"),
        h("output", { class: "answer" }, full && !pending && answer ? answer : "…")),
      h("label", { class: "row" }, "Method ", method),
      ...(full ? this.outcome(failure, pending, () => [this.answerList(this.answers[0], "Answers, the best first", undefined, answer), ...this.more(this.answers[0].length)])
        : [h("p", { class: "note" }, "Fill in three words, or click them on the map. The arrows show both pairs.")]),
    ];
  }

  private comparePanel(failures: (Failure | undefined)[], pending: boolean): Node[] {
    const s = this.state;
    if (this.names.length < 2) {
      return [h("h2", {}, "Compare"), h("p", {}, this.source.part ? "This page has one model." : "There is one model only. Start kindred with two to compare them:"),
        ...(this.source.part ? [] : [h("pre", {}, "kindred explore a.bin b.bin")])];
    }
    const select = (id: string, value: string, change: (v: string) => void) => {
      const e = h("select", { id, "aria-label": "Model", onchange: () => change(e.value) }, ...this.names.map((n) => h("option", { value: n }, n)));
      e.value = value;
      return e;
    };
    const head = [
      h("h2", { class: "asked" }, s.query ? `Compare “${s.query}”` : "Compare"),
      h("div", { class: "columns heads" }, select("model-a", s.model, (model) => this.set({ model })), select("model-b", s.other, (other) => this.set({ other }))),
    ];
    if (!s.query) return [...head, h("p", { class: "note" }, "Search a word to see where its neighbors differ."), ...this.differencesPanel()];
    const [one, two] = this.answers.map((l) => new Set(l.map((n) => n.word)));
    const shared = this.answers[0].filter((n) => two.has(n.word)).length;
    const column = (i: number, other: Set<string>) => h("div", {}, ...this.outcome(failures[i], pending, () => [this.answerList(this.answers[i], `Nearest words in ${i === 0 ? s.model : s.other}`, other)]));
    return [
      ...head,
      ...(pending || failures[0] || failures[1] ? [] : [h("p", { class: "note" }, `${shared} of ${Math.max(one.size, two.size)} neighbors are the same. Those that differ are in bold.`)]),
      h("div", { class: "columns" }, column(0, two), column(1, one)),
      ...this.more(this.answers[0].length),
      ...this.differencesPanel(),
    ];
  }

  private differencesPanel(): Node[] {
    const s = this.state;
    if (s.model === s.other) return [];
    const key = s.model + "\n" + s.other, found = this.differences.get(key);
    if (!found) {
      const say = h("p", { class: "note", role: "status" });
      const button = h("button", { type: "button", id: "differences", class: "plain", onclick: async () => {
        button.setAttribute("disabled", "");
        say.textContent = "Comparing the most frequent words…";
        try {
          this.differences.set(key, await this.source.differences(s.model, s.other));
          if (this.state.tab === "compare") this.panel();
        } catch (e) {
          say.replaceChildren(this.failure(failed(e)));
          button.removeAttribute("disabled");
        }
      } }, "Find the words that differ most");
      return [h("div", { class: "differences" }, button, say)];
    }
    const list = (title: string, words: Differences["most"]) => h("div", {}, h("h4", {}, title), h("ol", { class: "answers" },
      ...words.map((o) => h("li", {}, this.wordButton(o.word), h("span", { class: "figure" }, `${o.shared} of ${found.top}`)))));
    return [h("div", { class: "differences" },
      h("h3", {}, "All words"),
      h("p", { class: "note" }, `The ${number(found.compared)} most frequent words that both models have share ${(found.mean * 100).toFixed(0)} % of their ${found.top} nearest words.`),
      h("div", { class: "columns" }, list("Differ most", found.most), list("Agree most", found.least)))];
  }

  private modelPanel(): Node[] {
    const m = this.source.models.find((m: Model) => m.name === this.state.model)!;
    return [h("h2", {}, m.name), ...facts(m)];
  }
}

/** words returns the words of a text, one to a line. */
function words(text: string): string[] {
  return [...new Set(text.split(/\r?\n/).map((w) => w.trim()).filter((w) => w !== ""))];
}

async function start(): Promise<void> {
  try {
    const theme = localStorage.getItem("kindred-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch { /* not allowed to remember */ }
  try {
    const data = document.getElementById("data");
    const source = data ? new FileSource(JSON.parse(data.textContent!)) : await ServerSource.open();
    (window as any).kindred = new App(source);
  } catch (e) {
    byId("panel").replaceChildren(h("p", { class: "failure", role: "alert" }, failed(e).message));
  }
}

void start();
