import type { LossAndGradient } from '../training/objective.ts'
import { adjoints, forward, gradient, slopesHeld } from './frozen-function.ts'
import type { KinkNetwork } from './kink-network.ts'
import { heldPlaces } from './linearise.ts'

/** The loss of a network that kinks can be solved on, convolution and pooling included, and its gradient, for methods that train. Approximate. */
export function kinkObjective(network: KinkNetwork): LossAndGradient {
  const slopes = slopesHeld(network, heldPlaces(network, []))
  return {
    evaluate: (theta, into) => {
      const pass = forward(network, theta, slopes)
      into.set(gradient(network, theta, pass, adjoints(network, theta, pass).arguments))
      return pass.loss
    }
  }
}
