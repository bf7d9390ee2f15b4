package io.salver.routing;

import org.jspecify.annotations.Nullable;

/**
 * What feedback has to know of a prediction: which route answered, how likely that was, by what it
 * was chosen, and what was said. It travels to the caller inside the prediction's id and comes back
 * with the feedback, so that the server remembers nothing for days. Immutable.
 *
 * @param endpoint the endpoint's name
 * @param timeSeconds when it was answered, since 1970
 * @param nonce tells predictions apart that are otherwise equal
 * @param route which route answered, as {@link #routeHash}; 0 for the default
 * @param version the version that answered; 0 for the default
 * @param probability with which the route was chosen; 0 if it was not, but answered because the
 *     chosen one was not there
 * @param label what was predicted; null if that is not one class or number
 * @param context the features by which the route was chosen; empty if by none
 * @param members what each member of an ensemble predicted, as {@link #labelHash}; 0 for those that
 *     had not answered; empty if there are none
 */
@SuppressWarnings("ArrayRecordComponent")
public record Prediction(
    String endpoint,
    long timeSeconds,
    long nonce,
    int route,
    long version,
    float probability,
    @Nullable Label label,
    float[] context,
    int[] members) {
  /** How many features an id has room for. */
  public static final int MAX_CONTEXT = 64;

  /** How many members an id has room for. */
  public static final int MAX_MEMBERS = 64;

  /** The hash by which an id names a route; never 0. */
  public static int routeHash(Route route) {
    return nonZero(route.toString());
  }

  /** The hash by which an id names what a member predicted; never 0. */
  public static int labelHash(Label label) {
    return nonZero(label.text());
  }

  private static int nonZero(String text) {
    int hash = 0x811c9dc5;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x01000193;
    }
    return hash == 0 ? 1 : hash;
  }
}
