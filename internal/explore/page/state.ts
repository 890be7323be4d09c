// What the page shows, as its address has it, so that a view can be shared.

import type { Camera } from "./map";

export type Tab = "neighbors" | "analogy" | "compare" | "model";

export interface State {
  tab: Tab;
  model: string;
  other: string;
  query: string;
  top: number;
  a: string;
  b: string;
  c: string;
  method: string;
  /** The chosen answer of an analogy, "" for the first. */
  answer: string;
  map: "umap" | "pca";
  color: "cluster" | "frequency" | "list";
  /** The words of the user's list. */
  list: string[];
  /** The number of the cluster that stands out, -1 for none. */
  cluster: number;
  camera?: Camera;
}

/** The longest list that goes into the address. */
export const longestSharedList = 4000;

export function initial(models: string[]): State {
  return {
    tab: "neighbors", model: models[0], other: models[1] ?? "", query: "", top: 20, a: "", b: "", c: "", method: "3CosAdd", answer: "",
    map: "umap", color: "cluster", list: [], cluster: -1,
  };
}

/** write returns the address of a state, without what is as at the start. */
export function write(s: State, models: string[]): string {
  const start = initial(models), p = new URLSearchParams();
  for (const key of ["tab", "model", "other", "query", "top", "a", "b", "c", "method", "answer", "map", "color", "cluster"] as const) {
    if (s[key] !== start[key]) p.set(key, String(s[key]));
  }
  const list = s.list.join("\n");
  if (list && list.length <= longestSharedList) p.set("list", list);
  if (s.camera) p.set("at", [s.camera.x.toFixed(5), s.camera.y.toFixed(5), s.camera.zoom.toPrecision(4)].join(","));
  return "#" + p.toString();
}

/** read returns the state of an address. What it does not know it leaves out. */
export function read(hash: string, models: string[]): State {
  const s = initial(models), p = new URLSearchParams(hash.replace(/^#/, ""));
  const choose = <T extends string>(key: string, among: readonly T[], now: T): T => {
    const v = p.get(key) as T | null;
    return v !== null && among.includes(v) ? v : now;
  };
  s.tab = choose("tab", ["neighbors", "analogy", "compare", "model"], s.tab);
  s.model = choose("model", models, s.model);
  s.other = choose("other", ["", ...models], s.other);
  s.method = choose("method", ["3CosAdd", "3CosMul"], s.method);
  s.map = choose("map", ["umap", "pca"], s.map);
  s.color = choose("color", ["cluster", "frequency", "list"], s.color);
  for (const key of ["query", "a", "b", "c", "answer"] as const) s[key] = p.get(key) ?? "";
  s.list = (p.get("list") ?? "").split("\n").filter((w) => w !== "");
  const top = Number(p.get("top"));
  if (Number.isInteger(top) && top >= 1) s.top = Math.min(top, 200);
  const cluster = Number(p.get("cluster") ?? -1);
  if (Number.isInteger(cluster) && cluster >= 0 && cluster < 256) s.cluster = cluster;
  const at = (p.get("at") ?? "").split(",").map(Number);
  if (at.length === 3 && at.every(Number.isFinite) && at[2] > 0) {
    s.camera = { x: Math.max(-0.2, Math.min(1.2, at[0])), y: Math.max(-0.2, Math.min(1.2, at[1])), zoom: Math.max(0.2, Math.min(1e4, at[2])) };
  }
  return s;
}

/** parse divides a question into words to add and words to subtract: "king woman - man". */
export function parse(query: string, isWord: (w: string) => boolean): { positive: string[]; negative: string[] } {
  const text = query.trim();
  if (text === "" || isWord(text)) return { positive: text ? [text] : [], negative: [] };
  const positive: string[] = [], negative: string[] = [];
  let into = positive;
  for (const token of text.split(/\s+/)) {
    if (token === "-" || token === "−") into = negative;
    else if (token === "+") into = positive;
    else if (/^[-−]./.test(token) && !isWord(token) && positive.length > 0) negative.push(token.slice(1));
    else into.push(token);
  }
  return { positive, negative };
}
