// ([spans]) of [start, end, words] in the page's text -> the box of each that was covered, character by character, or null
// where the page no longer shows those words there.
([spans]) => {
  const { nodes, text } = walk();
  return spans.map(([start, end, words]) => {
    if (text.slice(start, end) !== words) return null;
    let box = null;
    for (const [from, node] of nodes) {
      const a = Math.max(start - from, 0), b = Math.min(end - from, node.data.length);
      if (a >= b) continue;
      const range = document.createRange();
      range.setStart(node, a);
      range.setEnd(node, b);
      box ??= placed(range.getBoundingClientRect());
      const stars = node.data.slice(a, b).replace(/[\u0021-\u00ff]/g, '*').replace(/[^\u0000-\u00ff]/g, '＊');
      node.data = node.data.slice(0, a) + stars + node.data.slice(b);
    }
    return [box];
  });
}
