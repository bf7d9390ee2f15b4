package io.salver.routing;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a policy has learnt, as plain numbers that can be kept anywhere. Two are equal if their
 * numbers are.
 *
 * @param algorithm whose numbers these are, for example {@code exp3}
 * @param numbers the numbers by name; what they mean is the algorithm's affair
 */
public record BanditState(String algorithm, Map<String, List<Double>> numbers) {
  public BanditState {
    Map<String, List<Double>> copies = new HashMap<>();
    numbers.forEach((name, list) -> copies.put(name, List.copyOf(list)));
    numbers = Map.copyOf(copies);
  }
}
