// Search as one types: what is found is fetched a moment after the last key. Without this the form does the same.
const field = document.getElementById("q");
const found = document.getElementById("found");
const start = document.getElementById("start");
const PAUSE = 200;
let timer;
let asking;

async function look() {
  asking?.abort();
  asking = new AbortController();
  const query = new URLSearchParams({ q: field.value.trim() });
  try {
    const answer = await fetch(`/directory/found?${query}`, { signal: asking.signal });
    // whoever is signed out meanwhile is led to the sign-in page
    if (!answer.ok || answer.redirected) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // the line that is read aloud stays where it is: a new one would not be heard
    const told = page.getElementById("count");
    document.getElementById("count").textContent = told.textContent;
    told.remove();
    found.replaceChildren(document.getElementById("count"), ...page.body.childNodes);
    start.hidden = field.value.trim() !== "";
    history.replaceState(null, "", field.value.trim() ? `/directory?${query}` : "/directory");
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
});
