import { describe } from 'node:test'
import { compileAfter } from './codec/compile-when-hot.ts'
import { messageCodecProperties } from './message-codec-properties.test.support.ts'

compileAfter(Number.POSITIVE_INFINITY)
describe('messageCodec', messageCodecProperties)
