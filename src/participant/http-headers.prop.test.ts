import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { headerText } from './http-headers.ts'

test('any text becomes a header that can be sent, and two texts never become one', () => {
  const text = fc.string({ unit: 'grapheme' })
  fc.assert(
    fc.property(text, text, (one, other) => {
      new Headers().set('x', headerText(one))
      assert.match(headerText(one), /^[\x21-\x7e]*$/)
      assert.equal(headerText(one) === headerText(other), one === other)
    }),
  )
})
