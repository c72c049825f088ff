// ([crops, item]) -> what the page shows: its size, its title, its visible text, the boxes of the texts asked for
// and, last, of the link to the item; the item's rank among links of the same shape.
([crops, item]) => {
  const root = document.documentElement;
  const body = document.body;
  const boxOf = box => (box.width && box.height ? [box.x + scrollX, box.y + scrollY, box.width, box.height] : null);
  const nodes = [];
  let text = '';
  if (body && crops.length) {
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
      if (!node.parentElement || /^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE)$/.test(node.parentElement.tagName)) continue;
      nodes.push([text.length, node]);
      text += node.data;
    }
  }
  const at = offset => {
    let low = 0;
    for (let high = nodes.length; high - low > 1;) {
      const middle = (low + high) >> 1;
      if (nodes[middle][0] <= offset) low = middle; else high = middle;
    }
    return [nodes[low][1], offset - nodes[low][0]];
  };
  const placeOf = words => {
    for (let from = 0, hit; words && (hit = text.indexOf(words, from)) >= 0; from = hit + 1) {
      const range = document.createRange();
      const [last, offset] = at(hit + words.length - 1);
      range.setStart(...at(hit));
      range.setEnd(last, offset + 1);
      const box = boxOf(range.getBoundingClientRect());
      if (box) return box;
    }
    return null;
  };
  const boxes = crops.map(placeOf);
  let rank = null, ranked = 0;
  if (item) {
    const id = item.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const links = [...document.links].map(link => [link, link.href]);
    const own = links.find(([, href]) => new RegExp(`(^|[^\\w-])${id}($|[^\\w-])`).test(href));
    boxes.push(own ? boxOf(own[0].getBoundingClientRect()) : null);
    if (own) {
      const [before] = own[1].split(item);
      const ids = links.filter(([, h]) => h.startsWith(before)).map(([, h]) => h.slice(before.length).match(/^[\w-]+/)?.[0]);
      const offers = [...new Set(ids.filter(Boolean))];
      ranked = offers.length;
      rank = offers.indexOf(item) + 1 || null;
    }
  }
  const type = document.doctype ? new XMLSerializer().serializeToString(document.doctype) : '';
  return {
    html: type + root.outerHTML, height: root.scrollHeight, title: document.title,
    text: body ? body.innerText.trim().slice(0, 400000) : '', boxes, rank, ranked,
  };
}
