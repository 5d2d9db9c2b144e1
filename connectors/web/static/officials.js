// Offers officials as one types a part of a name. Without this the form itself asks who is meant.
const list = document.getElementById("officials");
const first = [...list.children];
const PAUSE = 200;
let timer;
let asking;

async function offer(field) {
  asking?.abort();
  if (!field.value.trim()) return list.replaceChildren(...first);
  asking = new AbortController();
  const query = new URLSearchParams({ q: field.value.trim(), whose: field.dataset.whose });
  try {
    const answer = await fetch(`/directory/officials?${query}`, { signal: asking.signal });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    list.replaceChildren(...page.querySelectorAll("option"));
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

for (const field of document.querySelectorAll("input[data-whose]")) {
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(offer, PAUSE, field);
  });
}
