import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { InvalidArgumentError } from '../errors/client-error.ts'
import { UUIDSchema } from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import {
  bytesToUuidText,
  hexOf,
  protoToUuid,
  protoUuidToHex,
  protoUuidToText,
  uuidToProto,
} from './uuid.ts'

const text = '9141d644-0602-5762-a8b9-d74e7d5a3d45'
const hex = '9141d64406025762a8b9d74e7d5a3d45'

describe('a UUID', () => {
  test('goes to the wire as 16 big-endian bytes and comes back', () => {
    const proto = uuidToProto(text)
    assert.equal(hexOf(proto.value), hex)
    assert.equal(protoToUuid(proto), text)
    assert.equal(protoToUuid(uuidToProto(text.toUpperCase())), text)
  })

  test('comes back whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (value) => {
        const proto = create(UUIDSchema, { value })
        assert.deepStrictEqual(uuidToProto(protoToUuid(proto)), proto)
      }),
    )
  })

  test('of another length is refused with a code', () => {
    for (const length of [0, 15, 17]) {
      assert.throws(
        () => protoToUuid(create(UUIDSchema, { value: new Uint8Array(length) })),
        (error: unknown) => {
          assert.ok(error instanceof InvalidArgumentError)
          assert.equal(error.code, 'PROTO_UUID_INVALID')
          assert.equal(error.message, 'proto UUID bytes are not a valid 16-byte UUID')
          assert.deepStrictEqual(error.details, { cause: `expected 16 bytes, got ${length}` })
          return true
        },
      )
    }
  })

  test('from text that is none is refused with a code', () => {
    assert.throws(() => uuidToProto('A-1'), { code: 'PROTO_UUID_INVALID' })
  })
})

describe('text forms', () => {
  test('are hexadecimal digits or the canonical form, whichever fits', () => {
    assert.equal(protoUuidToHex(uuidToProto(text)), hex)
    assert.equal(protoUuidToText(uuidToProto(text)), text)
    assert.equal(bytesToUuidText(Uint8Array.of(1, 171)), '01ab')
    assert.equal(protoUuidToHex(undefined), '')
    assert.equal(protoUuidToText(undefined), '')
  })
})
