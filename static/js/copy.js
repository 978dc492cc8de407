/**
 * Copy buttons: <button data-copy="deliberate verify record.zip" hidden>Copy</button>. Shown only where copying works.
 * @module copy
 */

/** @param {ParentNode} root */
export function enhance(root) {
  if (!navigator.clipboard) return
  for (const button of root.querySelectorAll('button[data-copy]')) {
    if (!(button instanceof HTMLButtonElement) || !button.hidden) continue
    button.hidden = false
    const words = button.textContent
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(button.dataset.copy ?? '')
      button.textContent = button.dataset.copied ?? words
      setTimeout(() => { button.textContent = words }, 2000)
    })
  }
}
