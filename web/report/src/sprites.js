// Many pictures in one PNG: places of them, drawn on small canvases.
import { h } from "./dom.js";

const images = new Map();
/// The decoded sheet; the same address is decoded once.
export function sheet(address) {
  if (!images.has(address))
    images.set(address, new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => resolve(image);
      image.onerror = reject;
      image.src = address;
    }));
  return images.get(address);
}

/// How much larger than it is a picture is shown, for a side of about `side` pixels.
const scaleOf = (sprite, side) => Math.max(1, Math.round(side / Math.max(sprite.width, sprite.height)));

export const shownWidth = (sprite, side = 56) => sprite.width * scaleOf(sprite, side);

function paint(canvas, sprite, image, index) {
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(image, (index % sprite.across) * sprite.width, Math.floor(index / sprite.across) * sprite.height,
                    sprite.width, sprite.height, 0, 0, canvas.width, canvas.height);
}

/// One picture of a sprite; `show(index)` makes it another.
export function picture(sprite, index, label, side = 56) {
  const scale = scaleOf(sprite, side);
  const canvas = h("canvas", { class: "pixels", role: "img", "aria-label": label, width: sprite.width * scale, height: sprite.height * scale });
  canvas.show = (at) => sheet(sprite.png).then((image) => paint(canvas, sprite, image, at));
  canvas.show(index);
  return canvas;
}

/// All of them in one picture with gaps, as wide as there is room for; it can be saved.
export function gallery(lines, labelText, side = 56, room = Infinity, gap = 2) {
  const [{ sprite: first }] = lines[0];
  const most = (room / lines[0].length - gap) / first.width;
  const scale = most < 1 ? most : Math.min(scaleOf(first, side), Math.floor(most));
  const wide = Math.max(1, Math.round(first.width * scale)), high = Math.max(1, Math.round(first.height * scale));
  const width = wide + gap, height = high + gap;
  const canvas = h("canvas", { class: "pixels", role: "img", "aria-label": labelText, width: lines[0].length * width - gap, height: lines.length * height - gap });
  const draw = async () => {
    const context = canvas.getContext("2d");
    context.imageSmoothingEnabled = scale < 1;
    for (const [y, row] of lines.entries())
      for (const [x, { sprite, index }] of row.entries()) {
        const image = await sheet(sprite.png);
        context.drawImage(image, (index % sprite.across) * sprite.width, Math.floor(index / sprite.across) * sprite.height,
                          sprite.width, sprite.height, x * width, y * height, wide, high);
      }
    canvas.setAttribute("data-drawn", "true");
  };
  canvas.drawn = draw();
  return canvas;
}

/// Indices 0 .. count - 1 in lines of as many as fit.
export function lines(count, across) {
  const result = [];
  for (let i = 0; i < count; i += across) result.push(Array.from({ length: Math.min(across, count - i) }, (_, j) => i + j));
  return result;
}
