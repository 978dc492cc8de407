/**
 * Progress of work on the server. The page is fetched again until it has no such part any more; then it is shown as a whole.
 *
 *   <div data-progress>…</div>
 *
 * Without script the page reloads itself.
 * @module progress
 */
import { html } from './page.js'

const EVERY = 800

/** @param {Element} part */
async function look(part) {
  const answer = await fetch(location.href, { credentials: 'same-origin', headers: { 'X-Requested-With': 'fetch' } })
  if (!answer.ok) throw new Error(String(answer.status))
  const page = new DOMParser().parseFromString(html(await answer.text()), 'text/html')
  const fresh = page.querySelector('[data-progress]')
  if (!fresh) return location.reload()
  part.replaceChildren(...fresh.childNodes)
  setTimeout(() => watch(part), EVERY)
}

/** @param {Element} part */
function watch(part) {
  look(part).catch(() => setTimeout(() => watch(part), 5 * EVERY))
}

/** @param {ParentNode} root */
export function enhance(root) {
  for (const part of root.querySelectorAll('[data-progress]')) setTimeout(() => watch(part), EVERY)
}
