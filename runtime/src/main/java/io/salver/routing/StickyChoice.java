package io.salver.routing;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Splits requests over routes by weight, so that a key stays where it is: weighted rendezvous
 * hashing. Immutable; threads may share it.
 *
 * <p>Where weights change, a key moves only to a route whose share grew beside that of the route
 * that it leaves: with two routes exactly the share that has to move; with more, of two splits
 * whose total variation distance is d, at most 2 d / (1 + d) of the keys, which is the best that a
 * choice without memory can promise.
 *
 * <p>Sources: Thaler, Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", IEEE/ACM
 * Transactions on Networking 6(1), 1998; Schindelhauer, Schomaker, "Weighted Distributed Hash
 * Tables", SPAA 2005 (the logarithmic method); Bavarian, Ghazi, Haramaty, Kamath, Rivest, Sudan,
 * "Optimality of Correlated Sampling Strategies", Theory of Computing 16, 2020 (the bound).
 */
public final class StickyChoice {
  private static final double UNIT = 0x1p-53;
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;

  private final long[] routeHashes;
  private final double[] weights;
  private final double total;

  private StickyChoice(long[] routeHashes, double[] weights, double total) {
    this.routeHashes = routeHashes;
    this.weights = weights;
    this.total = total;
  }

  /**
   * @param salt whose split this is, for example the endpoint's name: who is in the first half of
   *     one split is not therefore in the first half of another
   * @param routes what tells the routes apart, for example model and version: a key sticks to that,
   *     not to a place in the list
   * @param weights of each route, finite, at least 0, not all 0; their sum does not matter. A route
   *     with weight 0 is never chosen
   * @throws IllegalArgumentException if one of these cannot be
   */
  public static StickyChoice of(String salt, List<String> routes, double[] weights) {
    if (routes.isEmpty() || routes.size() != weights.length) {
      throw new IllegalArgumentException(
          routes.size() + " routes, " + weights.length + " weights (expected: as many, >= 1)");
    }
    if (new HashSet<>(routes).size() != routes.size()) {
      throw new IllegalArgumentException("routes: " + routes + " (expected: all different)");
    }
    double total = 0;
    long[] hashes = new long[weights.length];
    for (int i = 0; i < weights.length; i++) {
      if (!(weights[i] >= 0) || Double.isInfinite(weights[i])) {
        throw new IllegalArgumentException(
            "weight of " + routes.get(i) + ": " + weights[i] + " (expected: >= 0, finite)");
      }
      total += weights[i];
      hashes[i] = mix(hash(salt) + mix(hash(routes.get(i))));
    }
    if (!(total > 0) || Double.isInfinite(total)) {
      throw new IllegalArgumentException("sum of weights: " + total + " (expected: above 0)");
    }
    return new StickyChoice(hashes, weights.clone(), total);
  }

  /**
   * The route of this key.
   *
   * @param keyHash from {@link #hash}
   * @return its index
   */
  public int choose(long keyHash) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        // An exponential variable with the weight as its rate: the first to come wins.
        long bits = mix(keyHash ^ routeHashes[i]) >>> 11;
        double time = -Math.log((bits + 0.5) * UNIT) / weights[i];
        if (time < least) {
          least = time;
          best = i;
        }
      }
    }
    return best;
  }

  /** The route of a request without a key, each with its weight's share. */
  public int choose(RandomGenerator random) {
    double left = random.nextDouble() * total;
    int last = 0;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        last = i;
        left -= weights[i];
        if (left < 0) {
          return i;
        }
      }
    }
    return last;
  }

  /** The chance with which a request without a key takes {@code route}, 0 to 1. */
  public double share(int route) {
    return weights[route] / total;
  }

  /** The hash of a key's text: that of its bytes in UTF-8. */
  public static long hash(CharSequence key) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (c >= 0x80) {
        return hash(MemorySegment.ofArray(key.toString().getBytes(StandardCharsets.UTF_8)));
      }
      hash = step(hash, c);
    }
    return mix(hash);
  }

  /** The hash of a key's bytes. */
  public static long hash(MemorySegment key) {
    long hash = FNV_OFFSET;
    for (long i = 0; i < key.byteSize(); i++) {
      hash = step(hash, key.get(ValueLayout.JAVA_BYTE, i) & 0xff);
    }
    return mix(hash);
  }

  /** FNV-1a of 64 bits. */
  private static long step(long hash, int octet) {
    return (hash ^ octet) * 0x100000001b3L;
  }

  /** The finalizer of MurmurHash3: each bit of the input changes half of those of the output. */
  private static long mix(long hash) {
    long h = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    h = (h ^ h >>> 33) * 0xc4ceb9fe1a85ec53L;
    return h ^ h >>> 33;
  }
}
