// What makes the outputs of a notebook ugly, as far as a program can see it.

// faults runs in the page and returns what is wrong with the outputs below root: raw escape codes, text that sticks out, pictures that are not
// there, text that can hardly be told from its ground.
function faults(root) {
  const found = [];
  const say = (el, what) => {
    const cell = el.closest('.jp-CodeCell');
    const code = cell?.querySelector('.cm-content')?.innerText.split('\n')[0] ?? '';
    found.push(`${what}: ${JSON.stringify(el.textContent.trim().slice(0, 60))} below ${JSON.stringify(code)}`);
  };

  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const ground = (el) => {
    for (let at = el; at; at = at.parentElement) {
      const { rgb, a } = parse(getComputedStyle(at).backgroundColor);
      if (a > 0.5) return rgb;
    }
    return [255, 255, 255];
  };
  // Luminance and contrast are those of WCAG 2.2.
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };

  for (const out of root.querySelectorAll('.jp-OutputArea-output')) {
    if (out.offsetParent === null) continue; // folded away
    if (/\x1b|\[\d{1,2}(;\d+)*m/.test(out.textContent)) say(out, 'raw escape codes');
    if (out.scrollWidth > out.clientWidth + 1) say(out, `sticks out by ${out.scrollWidth - out.clientWidth} pixels`);
    for (const img of out.querySelectorAll('img')) {
      if (img.offsetParent !== null && (!img.complete || img.naturalWidth === 0)) say(out, 'a picture is missing');
    }
    const words = document.createTreeWalker(out, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
      const el = words.currentNode.parentElement;
      if (!words.currentNode.data.trim() || el.closest('style, script, progress, title, desc') || el.getClientRects().length === 0) continue;
      const style = getComputedStyle(el);
      const colour = parse(el instanceof SVGElement ? style.fill : style.color);
      const ratio = contrast(colour.rgb, ground(el));
      if (colour.a > 0 && ratio < 4.5) say(el, `hard to read, contrast ${ratio.toFixed(1)}`);
    }
  }
  return found;
}

// ugliness returns what is ugly in the notebook in front, a line each.
export function ugliness(notebook) { return notebook.panel.evaluate(faults); }
