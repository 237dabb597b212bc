// Colours: told apart also by colour-blind eyes (Okabe and Ito), on light and dark paper; levels
// also have symbols, so that colour alone means nothing.
export const dark = matchMedia("(prefers-color-scheme: dark)");

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
export const ink = () => style("--ink");
export const soft = () => style("--soft");
export const line = () => style("--line");
export const paper = () => style("--paper");
export const panel = () => style("--panel");

const onLight = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b59b00", "#3aa0dd", "#7a4fb3", "#5a5a5a", "#e69f00", "#8c564b"];
const onDark = ["#56a8e8", "#ff8a3d", "#2fc79a", "#e69ac6", "#f0e442", "#9ad7ff", "#b795f0", "#bdbdbd", "#ffc04d", "#d2a193"];
export const colours = () => (dark.matches ? onDark : onLight);
export const colour = (i) => colours()[i % colours().length];

const symbols = ["circle", "triangle", "rect", "diamond"];
export const symbol = (i) => symbols[Math.floor(i / colours().length + i) % symbols.length];

/// From low to high: viridis.
const lowToHigh = ["#440154", "#482878", "#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];
const lowToHighOnDark = ["#7b6fd0", "#6f86dd", "#5aa0dd", "#4bb5cf", "#45c4b0", "#5dd08c", "#86da6b", "#b4e052", "#dfe34a", "#fff07a"];
export const ramp = () => (dark.matches ? lowToHighOnDark : lowToHigh);
/// From -1 over 0 to 1.
export const diverging = () => ["#b35806", "#e08214", "#fdb863", dark.matches ? "#3a3f46" : "#f2f2f2", "#92c5de", "#4393c3", "#2166ac"];
/// Text on the colour at `place` of these.
export const onSquare = (place) => {
  const far = Math.abs(place);
  return far > 0.8 ? "#fff" : far > 0.18 ? "#000" : ink();
};
