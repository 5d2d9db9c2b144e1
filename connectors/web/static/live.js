// An open room looks again when the server says that something changed, and goes when it may not be seen any more.
const place = document.getElementById("live");
const source = new EventSource(place.dataset.stream);
const again = () => location.reload();

source.addEventListener("news", () => {
  htmx.trigger(document.getElementById("posts"), "news");
  place.textContent = "The list of posts has changed.";
});
source.addEventListener("gone", again);
source.addEventListener("error", () => {
  // while it connects anew by itself there is nothing to do; a refusal closes it for good
  if (source.readyState === EventSource.CLOSED) again();
});
addEventListener("pagehide", () => source.close());
