// ([height, deadline, quiet]) -> whether the page was scrolled through and then added no element for `quiet` ms.
// A height of 0 scrolls nothing.
async ([height, deadline, quiet]) => {
  const end = performance.now() + deadline;
  const step = window.innerHeight;
  const wait = ms => new Promise(done => setTimeout(done, ms));
  // a picture loaded on sight is asked for once its place was drawn, however long that takes on a busy machine
  const drawn = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 10))));
  if (document.documentElement.scrollHeight > step && height) {
    for (let y = 0; y < Math.min(document.documentElement.scrollHeight, height); y += step) {
      if (performance.now() > end) return false;
      window.scrollTo(0, y);
      await Promise.race([drawn(), wait(1000)]);
    }
    window.scrollTo(0, 0);
  }
  await Promise.race([document.fonts.ready, wait(deadline)]);
  let last = performance.now();
  const watcher = new MutationObserver(changes => {
    if (changes.some(c => [...c.addedNodes].some(n => n.nodeType === 1))) last = performance.now();
  });
  watcher.observe(document, { childList: true, subtree: true });
  while (performance.now() - last < quiet && performance.now() < end) await wait(quiet / 4);
  watcher.disconnect();
  return performance.now() < end;
}
