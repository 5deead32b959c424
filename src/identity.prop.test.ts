import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { bytesOfRoot, isUuid, namedRoot, parseRoot, rootOfBytes } from './identity.ts'
import { computeRoot, rootFor } from './identity/compute-root.ts'

const sixteenBytes = fc.uint8Array({ minLength: 16, maxLength: 16 })

describe('roots', () => {
  it('come back from their bytes, and the bytes from their text', () => {
    fc.assert(
      fc.property(sixteenBytes, (bytes) => {
        const root = rootOfBytes(bytes)
        assert.deepEqual(bytesOfRoot(root), bytes)
        assert.equal(parseRoot(root), root)
        assert.equal(parseRoot(root.toUpperCase()), root)
      }),
    )
  })

  it('are lower-case hexadecimal of their bytes with four dashes', () => {
    fc.assert(
      fc.property(sixteenBytes, (bytes) => {
        const root = rootOfBytes(bytes)
        assert.equal(root.replaceAll('-', ''), Buffer.from(bytes).toString('hex'))
        assert.equal(root.length, 36)
      }),
    )
  })

  it('made of names are UUIDs of version 5 and depend on namespace and name alone', () => {
    fc.assert(
      fc.property(sixteenBytes, fc.string({ unit: 'grapheme' }), (bytes, name) => {
        const namespace = rootOfBytes(bytes)
        const root = namedRoot(namespace, name)
        assert.match(root, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        assert.equal(namedRoot(namespace, name), root)
      }),
    )
  })

  it('stand for any text: a UUID for itself, everything else for a key', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uuid(), fc.string()), fc.string(), (text, domain) => {
        const expected = isUuid(text) ? text.toLowerCase() : computeRoot(domain, text)
        assert.equal(rootFor(domain, text), expected)
      }),
    )
  })
})
