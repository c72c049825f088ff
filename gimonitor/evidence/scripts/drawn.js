// (deadline) -> how many ms it took until the page showed text or a picture: 0 where it does at once, -1 where it did not
// within `deadline`. A script may draw a page a while after everything was loaded; a word that asks to wait is no text.
async deadline => {
  const begun = performance.now();
  const WAITING = /^(?:loading|please wait|(?:正在|努力)?加载|请稍[候等])/i;
  const PICTURES = 'img,canvas,video,svg,iframe,frame,object,embed';
  const shows = () => {
    const text = (document.body?.innerText || '').trim();
    if (text.length > 20 || (text && !WAITING.test(text))) return true;
    return [...document.querySelectorAll(PICTURES)].some(each => {
      const box = each.getBoundingClientRect();
      return box.width > 50 && box.height > 50;
    });
  };
  if (shows()) return 0;
  while (performance.now() - begun < deadline) {
    await new Promise(done => setTimeout(done, 100));
    if (shows()) return performance.now() - begun;
  }
  return -1;
}
