import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { shortText } from './short-text.ts'

const ascii = fc.string({ unit: 'binary-ascii', maxLength: 40 })

describe('shortText', () => {
  test('is the text of up to 32 ASCII bytes, wherever they stand', () => {
    const property = fc.property(ascii, fc.nat(5), fc.nat(40), (text, before, after) => {
      const bytes = new TextEncoder().encode(text)
      const all = new Uint8Array(before + bytes.length + after).fill(255)
      all.set(bytes, before)
      const actual = shortText(all, before, before + bytes.length)
      assert.equal(actual, bytes.length > 32 ? undefined : text)
    })
    fc.assert(property, { numRuns: 500 })
  })

  test('leaves everything else to a decoder', () => {
    const property = fc.property(
      ascii,
      fc.nat(),
      fc.integer({ min: 128, max: 255 }),
      (text, at, byte) => {
        const bytes = new TextEncoder().encode(`${text}x`)
        bytes[at % bytes.length] = byte
        assert.equal(shortText(bytes, 0, bytes.length), undefined)
      },
    )
    fc.assert(property)
  })
})
