/** Onboarding: an account, a profile, a mail that asks for confirmation. */
import { CompensationPrimitive } from 'amends/workflow'
import type { World } from './world.ts'

/** What onboarding begins with. */
export type Person = { readonly email: string; readonly name: string }
type WithAccount = Person & { readonly authId: string }
type WithProfile = WithAccount & { readonly profileId: string }

/** The workflow, on the services of a world. */
export function onboardingWorkflow(
  world: World,
): CompensationPrimitive<Person, WithProfile & { readonly verificationSent: boolean }> {
  return new CompensationPrimitive(
    [
      {
        name: 'createAuthAccount',
        run: async (data: Person) => ({ ...data, authId: await world.create('account') }),
        compensate: (data) => world.remove(data.authId),
      },
      {
        name: 'createProfile',
        run: async (data) => ({ ...data, profileId: await world.create('profile') }),
        compensate: (data) => world.remove(data.profileId),
      },
      {
        name: 'sendVerificationEmail',
        run: async (data) => {
          await world.create('verification')
          return { ...data, verificationSent: true }
        },
        compensate: (data) => world.note(`verification rollback for ${data.authId}`),
      },
    ],
    { name: 'OnboardingWorkflow' },
  )
}
