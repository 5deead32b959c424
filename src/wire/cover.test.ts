import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { computeRoot } from '../identity/compute-root.ts'
import { EditionSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { divergenceFor, implicitEdition, isMainEdition, newCover } from './cover.ts'
import { protoUuidToText } from './uuid.ts'

const root = '9141d644-0602-5762-a8b9-d74e7d5a3d45'

describe('newCover', () => {
  test('takes a root as text or as bytes', () => {
    const cover = newCover({ domain: 'order', root, correlationId: 'corr-1' })
    assert.equal(cover.domain, 'order')
    assert.equal(cover.correlationId, 'corr-1')
    assert.equal(protoUuidToText(cover.root), root)
    const same = newCover({ domain: 'order', root: cover.root?.value })
    assert.equal(protoUuidToText(same.root), root)
  })

  test('leaves out what is not given', () => {
    const cover = newCover({ domain: 'order' })
    assert.equal('root' in cover, false)
    assert.equal('edition' in cover, false)
    assert.equal(cover.correlationId, '')
  })

  test('leaves the main timeline unset, however it is spelt', () => {
    assert.equal(newCover({ domain: 'order', edition: '' }).edition, undefined)
    assert.equal(newCover({ domain: 'order', edition: 'angzarr' }).edition, undefined)
    assert.equal(newCover({ domain: 'order', edition: 'branch' }).edition?.name, 'branch')
  })

  test('takes any other text as a business key of the domain', () => {
    const cover = newCover({ domain: 'order', root: 'A-1' })
    assert.equal(protoUuidToText(cover.root), computeRoot('order', 'A-1'))
  })

  test('refuses bytes that are no UUID', () => {
    const root = Uint8Array.of(1, 2)
    assert.throws(() => newCover({ domain: 'order', root }), { code: 'ROOT_INVALID' })
  })
})

describe('an edition', () => {
  const edition = create(EditionSchema, {
    name: 'branch',
    divergences: [{ domain: 'order', sequence: 7 }, { domain: 'cart' }],
  })

  test('is main without a name or under the name of other generations', () => {
    assert.equal(isMainEdition(''), true)
    assert.equal(isMainEdition('angzarr'), true)
    assert.equal(isMainEdition('branch'), false)
  })

  test('that is implicit has no branch points', () => {
    const { name, divergences } = implicitEdition('branch')
    assert.deepStrictEqual([name, divergences], ['branch', []])
  })

  test('tells where it branches in a domain', () => {
    assert.equal(divergenceFor(edition, 'order'), 7)
    assert.equal(divergenceFor(edition, 'cart'), 0)
    assert.equal(divergenceFor(edition, 'stock'), undefined)
    assert.equal(divergenceFor(undefined, 'order'), undefined)
  })
})
