/** Run as a process: says whether code was compiled, and whether a message came back as it was. */
import { isDeepStrictEqual } from 'node:util'
import { create } from '@bufbuild/protobuf'
import { CoverSchema } from '../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { messageCodec } from '../message-codec.ts'
import { compileAfter } from './compile-when-hot.ts'
import { compilePlan } from './compile-plan.ts'
import { planOf } from './plan-message.ts'

compileAfter(0)
const codec = messageCodec(CoverSchema)
const message = create(CoverSchema, { domain: 'order', correlationId: 'c' })
const equal = isDeepStrictEqual(codec.decode(codec.encode(message)), message)
const compiled = compilePlan(planOf(CoverSchema)) !== undefined
process.stdout.write(`${compiled ? 'compiled' : 'interpreted'}, ${equal ? 'equal' : 'different'}`)
