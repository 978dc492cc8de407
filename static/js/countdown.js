/**
 * Time left, by the server's clock: <time datetime="…" data-countdown="left|in|clock">. "clock" says "2:14:38", "left" says "2 h 14 min left",
 * "in" says "in 15 hours". Units are rounded down, the same way as on the server. Nothing is announced by itself.
 * The sentences come with the page, in data-words; <time data-clock="Europe/Amsterdam"> shows the hour.
 * @module countdown
 */
import { fill, lang, serverNow } from './page.js'

const relative = new Intl.RelativeTimeFormat(lang, { numeric: 'always' })

const days = new Intl.NumberFormat(lang, { style: 'unit', unit: 'day', unitDisplay: 'long' })

/** @typedef {Record<string, string>} Says */

/** @param {number} s seconds @param {Says} says @returns {string} */
function left(s, says) {
  if (s <= 0) return says.closed
  if (s >= 172_800) return fill(says.days, { days: days.format(Math.floor(s / 86_400)) })
  const hours = Math.floor(s / 3600)
  const minutes = Math.floor(s / 60) % 60
  return hours ? fill(says.hours, { hours, minutes }) : fill(says.minutes, { minutes, seconds: Math.floor(s) % 60 })
}

/** @param {number} s seconds @param {Says} says @returns {string} */
function inWords(s, says) {
  if (s <= 0) return says.now
  if (s >= 172_800) return relative.format(Math.floor(s / 86_400), 'day')
  if (s >= 3600) return relative.format(Math.floor(s / 3600), 'hour')
  return s >= 60 ? relative.format(Math.floor(s / 60), 'minute') : relative.format(Math.floor(s), 'second')
}

/** @param {number} s seconds @param {Says} says @returns {string} */
function clock(s, says) {
  const all = Math.max(0, Math.floor(s))
  if (all >= 172_800) return fill(says.days, { days: Math.floor(all / 86_400) })
  const pad = n => String(n).padStart(2, '0')
  const hours = Math.floor(all / 3600)
  return hours ? `${hours}:${pad(Math.floor(all / 60) % 60)}:${pad(all % 60)}` : `${Math.floor(all / 60)}:${pad(all % 60)}`
}

/** @param {HTMLTimeElement} time */
function show(time) {
  const seconds = (Date.parse(time.dateTime) - serverNow()) / 1000
  const say = { clock, left, in: inWords }[time.dataset.countdown ?? 'in'] ?? inWords
  const words = say(seconds, JSON.parse(time.dataset.words ?? '{}'))
  if (time.textContent !== words) time.textContent = words
}

/** @param {HTMLTimeElement} time the hour of the server in the zone that the page names */
function hour(time) {
  const words = new Date(serverNow()).toLocaleTimeString(lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: time.dataset.clock })
  if (time.textContent !== words) time.textContent = words
}

let ticking = false

/** @param {ParentNode} _root */
export function enhance(_root) {
  if (ticking) return
  ticking = true
  const tick = () => {
    document.querySelectorAll('time[data-countdown]').forEach(time => show(/** @type {HTMLTimeElement} */ (time)))
    document.querySelectorAll('time[data-clock]').forEach(time => hour(/** @type {HTMLTimeElement} */ (time)))
  }
  tick()
  setInterval(tick, 1000)
}
