import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { implicitEdition } from './implicit-edition.ts'

describe('implicitEdition', () => {
  it('has a name and no branch points', () => {
    const edition = implicitEdition('what-if')
    assert.equal(edition.name, 'what-if')
    assert.deepEqual(edition.divergences, [])
  })
})
