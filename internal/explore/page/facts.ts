// What the manifest of a model says: training curve, scores, settings.

import { h, number, svg } from "./dom";
import type { Model } from "./source";

/** facts returns the description of a model. */
export function facts(m: Model): Node[] {
  const manifest = m.manifest, parts: Node[] = [];
  parts.push(h("p", {}, `${number(m.words)} words, ${number(m.dim)} dimensions.`));
  if (!manifest) {
    parts.push(h("p", { class: "note" }, "These vectors have no manifest, so it is not known how they were made. kindred writes one with each training."));
    return parts;
  }
  for (const remark of manifest.remarks ?? []) parts.push(h("p", { class: "warning" }, remark));
  const training = manifest.training ?? {};
  const losses: number[] = training.epoch_loss ?? [];
  if (losses.length > 0) {
    parts.push(h("h3", {}, "Training"), curve("mean loss of a pair, by epoch", losses.map((y, i) => [i + 1, y])));
  }
  const checks: any[] = manifest.held_out?.checks ?? [];
  const metric = checks.length > 0 ? Object.keys(checks[0]).find((k) => k !== "epoch" && typeof checks[0][k] === "number") : undefined;
  if (metric) {
    parts.push(curve(`${names[metric] ?? metric} of held-out pairs, by epoch`, checks.map((c) => [c.epoch, c[metric]])));
  }
  if (training.started) {
    parts.push(pairs([
      ["Started", new Date(training.started).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" })],
      ["Time", training.wall_seconds ? seconds(training.wall_seconds) : ""],
      ["Tokens", training.tokens ? number(training.tokens) : ""],
      ["Tokens a second", training.tokens_per_second ? number(Math.round(training.tokens_per_second)) : ""],
      ["Completed", training.completed ? "yes" : "no, it was stopped early"],
    ]));
  }
  parts.push(...scores(manifest.held_out));
  const corpus = manifest.corpus;
  if (corpus) {
    parts.push(h("h3", {}, "Text"), pairs([
      ["Files", (corpus.inputs ?? []).join(", ")], ["Tokens", corpus.tokens ? number(corpus.tokens) : ""],
      ["Tokens with a vector", corpus.tokens_in_vocabulary ? number(corpus.tokens_in_vocabulary) : ""],
      ["Types", corpus.types ? number(corpus.types) : ""], ["Lowest count", corpus.min_count ? number(corpus.min_count) : ""], ["Hash", corpus.hash ?? ""],
    ]));
  }
  if (manifest.settings) {
    parts.push(h("h3", {}, "Settings"), pairs(Object.entries(manifest.settings).map(([k, v]) => [k, typeof v === "object" ? JSON.stringify(v) : String(v)])));
  }
  parts.push(h("h3", {}, "Program"), pairs([
    ["Program", [manifest.tool, manifest.version].filter(Boolean).join(" ")], ["Platform", manifest.platform ?? ""], ["Kernel", manifest.kernel ?? ""],
    ["Converted from", manifest.source ?? ""],
  ]));
  return parts;
}

const names: Record<string, string> = {
  roc_auc: "ROC AUC", pr_auc: "PR AUC", precision: "Precision", recall: "Recall", f1: "F1", mrr: "Mean reciprocal rank", hits_at_10: "Hits at 10",
  log_loss: "Log loss", brier: "Brier score", fitted_log_loss: "Log loss, fitted", fitted_brier: "Brier score, fitted",
};

/** scores returns the tables of the scores on held-out pairs. */
function scores(held: any): Node[] {
  const references: any[] = (held?.references ?? []).filter((r: any) => r.scores);
  if (references.length === 0) return [];
  const metrics = Object.keys(names).filter((k) => references.some((r) => r.scores[k]));
  const cell = (s: any) => {
    if (!s || s.value === undefined || s.value === null) return h("td", {}, "–");
    const range = s.low !== undefined ? `[${s.low.toFixed(3)}, ${s.high.toFixed(3)}]` : "";
    return h("td", { class: "figure" }, s.value.toFixed(3), range && h("span", { class: "interval" }, range));
  };
  return [
    h("h3", {}, "Evaluation"),
    h("p", { class: "note" }, `${number(held.pairs)} pairs of ${number(held.sentences)} held-out sentences, against words drawn from ` +
      `${references.map((r) => r.name).join(" and from ")}. Brackets are confidence intervals.`),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Scores on held-out pairs" }, h("table", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Score"), ...references.map((r) => h("th", { scope: "col", class: "figure" }, r.name)))),
      h("tbody", {}, ...metrics.map((k) => h("tr", {}, h("th", { scope: "row" }, names[k]), ...references.map((r) => cell(r.scores[k]))))))),
  ];
}

function pairs(list: [string, string][]): Node {
  return h("dl", { class: "facts" }, ...list.filter(([, v]) => v !== "").flatMap(([k, v]) => [h("dt", {}, k), h("dd", {}, v)]));
}

function seconds(s: number): string {
  if (s < 60) return `${s.toFixed(1)} s`;
  const m = Math.floor(s / 60);
  return m < 60 ? `${m} min ${Math.round(s % 60)} s` : `${Math.floor(m / 60)} h ${m % 60} min`;
}

/** curve draws a line through points, with the first and the last value. */
function curve(description: string, points: [number, number][]): Node {
  const width = 340, height = 130, left = 44, right = 12, top = 12, bottom = 24;
  const xs = points.map((p) => p[0]), ys = points.map((p) => p[1]);
  const [x0, x1, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const margin = (high - low || Math.abs(high) || 1) * 0.08, y0 = low - margin, y1 = high + margin;
  const x = (v: number) => left + (x1 === x0 ? 0.5 : (v - x0) / (x1 - x0)) * (width - left - right);
  const y = (v: number) => top + ((y1 - v) / (y1 - y0)) * (height - top - bottom);
  const figure = (v: number) => v.toPrecision(3);
  const ticks = high === low ? [low] : [low, high];
  const epochs = [...new Set(points.length <= 8 ? xs : [x0, Math.round((x0 + x1) / 2), x1])];
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${description}: ${points.map((p) => `${p[0]}: ${figure(p[1])}`).join(", ")}` },
    ...ticks.flatMap((v) => [
      svg("line", { x1: left, x2: width - right, y1: y(v), y2: y(v), class: "rule" }),
      svg("text", { x: left - 6, y: y(v) + 4, "text-anchor": "end" }, figure(v)),
    ]),
    ...epochs.map((v) => svg("text", { x: x(v), y: height - 6, "text-anchor": "middle" }, String(v))),
    svg("polyline", { points: points.map((p) => `${x(p[0])},${y(p[1])}`).join(" "), class: "curve" }),
    ...(points.length <= 60 ? points.map((p) => svg("circle", { cx: x(p[0]), cy: y(p[1]), r: 3, class: "knot" }, svg("title", {}, `epoch ${p[0]}: ${figure(p[1])}`))) : []));
  return h("figure", { class: "curve-figure" }, h("figcaption", {}, description.charAt(0).toUpperCase() + description.slice(1)), picture);
}
