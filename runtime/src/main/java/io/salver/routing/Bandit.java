package io.salver.routing;

import java.util.random.RandomGenerator;

/**
 * Chooses one of several models for each request, and learns from the rewards which one to choose.
 *
 * <p>A value: {@link #learn} answers with the bandit that holds from then on and changes nothing,
 * so threads may share one. Where arms are added or removed, a new one is made. What it decides
 * follows from its numbers, the context and the random numbers that it is given.
 *
 * <p>Rewards may come late and in any order: each comes with the probability that its choice had,
 * and with the context of its request.
 */
public sealed interface Bandit permits Exp3, Exp4, Thompson, LinUcb {
  /** How many arms there are, at least 1. */
  int arms();

  /**
   * Chooses an arm.
   *
   * @param context what is known of the request, as many finite numbers as the bandit was created
   *     for; algorithms without a context do not look at it
   * @throws IllegalArgumentException if an algorithm with a context gets another number of them, or
   *     one that is not finite
   */
  Choice choose(double[] context, RandomGenerator random);

  /**
   * The reward of an earlier choice is known.
   *
   * @param arm the arm that was chosen
   * @param probability the chance that it had, from {@link Choice}
   * @param context what {@link #choose} was given
   * @param reward how good the answer was, 0 to 1
   * @return what to go on with
   * @throws IllegalArgumentException if one of these cannot be
   */
  Bandit learn(int arm, double probability, double[] context, double reward);

  /**
   * For people to look at: how the choices spread over the arms now, {@code [arms]}, summing to 1.
   * Exact where the algorithm knows no context; a moving average over what was learnt otherwise.
   */
  double[] weights();

  /** All that has been learnt; {@link Bandits#restore} makes the bandit again. */
  BanditState state();
}
