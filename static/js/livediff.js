/**
 * The word diff while an amendment is written: <form data-livediff="/motions/7/amendments/preview">. The form is posted
 * and the answer, a page fragment, gives every [data-preview="field"] its new inside. What is typed is never touched.
 * @module livediff
 */
import { post, html } from './page.js'

const PAUSE = 350

/** @param {HTMLFormElement} form */
function watch(form) {
  let timer = 0
  let asked = 0
  const ask = async () => {
    const mine = ++asked
    const answer = await post(form.dataset.livediff ?? '', new FormData(form)).catch(() => null)
    if (!answer?.ok || mine !== asked) return
    const page = new DOMParser().parseFromString(html(await answer.text()), 'text/html')
    for (const fresh of page.querySelectorAll('[data-preview]')) {
      const name = fresh.getAttribute('data-preview') ?? ''
      for (const old of document.querySelectorAll(`[data-preview="${CSS.escape(name)}"]`)) {
        if (old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.childNodes)
      }
    }
  }
  form.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(ask, PAUSE)
  })
}

/** @param {ParentNode} root */
export function enhance(root) {
  for (const form of root.querySelectorAll('form[data-livediff]')) {
    if (form instanceof HTMLFormElement && !form.dataset.watched) {
      form.dataset.watched = '1'
      watch(form)
    }
  }
}
