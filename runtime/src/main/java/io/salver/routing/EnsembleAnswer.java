package io.salver.routing;

import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One answer made of several members'.
 *
 * @param outputs by the request's signature, in the request's memory; null where not wanted
 * @param confidence the agreement of the members that arrived, of the row where it is least
 */
@SuppressWarnings("ArrayRecordComponent")
record EnsembleAnswer(@Nullable Tensor[] outputs, double confidence) {

  /**
   * Combines answers output by output: floating-point numbers as {@link Combiner} does, strings and
   * whole numbers element by element by the majority. A member whose output has another shape than
   * the first one's is left out.
   *
   * @param weights one for each member
   * @param answers what the members said
   * @throws ServingException INTERNAL if nobody has an output that is wanted
   */
  static EnsembleAnswer of(
      PredictRequest request, Policy.Ensemble policy, double[] weights, MemberOutputs answers) {
    double[] counted = policy.combine() == Policy.Combine.WEIGHTED ? weights : ones(weights.length);
    List<TensorSpec> specs = request.signature().outputs();
    @Nullable Tensor[] outputs = new Tensor[specs.size()];
    double confidence = 1;
    boolean byClass = false;
    for (int i = 0; i < outputs.length; i++) {
      if (!request.wants(i)) {
        continue;
      }
      @Nullable Tensor[] members = members(answers, i, specs.get(i));
      Tensor first = first(members);
      Tensor combined = like(first, members, request);
      outputs[i] = combined;
      boolean isClass = Labels.isDiscrete(combined.dtype()) && Labels.rowElements(combined) == 1;
      double agreement =
          Floats.isFloat(combined.dtype())
              ? floats(policy.combine(), members, counted, combined)
              : discrete(members, counted, outputs, i, request);
      if (isClass != byClass ? isClass : agreement < confidence) {
        confidence = agreement;
        byClass = isClass;
      }
    }
    return new EnsembleAnswer(outputs, confidence);
  }

  private static double[] ones(int length) {
    double[] ones = new double[length];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** Output {@code i} of each member; null for those that do not take part. */
  private static @Nullable Tensor[] members(MemberOutputs answers, int i, TensorSpec spec) {
    @Nullable Tensor[] members = new Tensor[answers.members()];
    Tensor first = null;
    for (int m = 0; m < members.length; m++) {
      Tensor output = answers.get(m, i);
      if (output != null && (first == null || output.shape().equals(first.shape()))) {
        members[m] = output;
        first = first == null ? output : first;
      }
    }
    if (first == null) {
      throw new ServingException(
          Category.INTERNAL, "ensemble: no member has the output \"" + spec.name() + "\"");
    }
    return members;
  }

  private static Tensor first(@Nullable Tensor[] members) {
    for (Tensor member : members) {
      if (member != null) {
        return member;
      }
    }
    throw new AssertionError("checked before");
  }

  /** Memory for what is combined; of strings, which vary in size, a member's own for now. */
  private static Tensor like(Tensor first, @Nullable Tensor[] members, PredictRequest request) {
    return first.dtype() == DType.STRING
        ? first
        : request.arena().allocate(first.dtype(), first.shape());
  }

  private static double floats(
      Policy.Combine combine, @Nullable Tensor[] members, double[] weights, Tensor combined) {
    boolean[] arrived = new boolean[members.length];
    double[][] scores = new double[members.length][];
    for (int m = 0; m < members.length; m++) {
      Tensor member = members[m];
      arrived[m] = member != null;
      scores[m] = member == null ? new double[0] : Floats.all(member);
    }
    int classes = Math.max(1, (int) Labels.rowElements(combined));
    int rows = (int) (combined.elementCount() / classes);
    Combined result =
        combine == Policy.Combine.MAJORITY && classes > 1
            ? Combiner.majority(scores, arrived, rows, classes)
            : Combiner.weighted(scores, arrived, weights, rows, classes);
    for (int e = 0; e < result.scores().length; e++) {
      Floats.set(combined, e, result.scores()[e]);
    }
    return Arrays.stream(result.confidence()).min().orElse(1);
  }

  private static double discrete(
      @Nullable Tensor[] members,
      double[] weights,
      @Nullable Tensor[] outputs,
      int output,
      PredictRequest request) {
    Tensor combined = first(members);
    long count = combined.elementCount();
    Tensor target = outputs[output];
    StringTensorBuilder strings =
        combined.dtype() == DType.STRING
            ? new StringTensorBuilder(request.arena(), count, combined.data().byteSize())
            : null;
    double least = 1;
    for (long e = 0; e < count; e++) {
      Vote vote = Vote.of(members, weights, e);
      least = Math.min(least, vote.share());
      if (strings != null) {
        MemorySegment winner = vote.winner().getString(e);
        strings.add(winner, 0, winner.byteSize());
      } else if (target != null) {
        long size = combined.dtype().sizeBytes();
        MemorySegment.copy(vote.winner().data(), e * size, target.data(), e * size, size);
      }
    }
    if (strings != null) {
      outputs[output] = strings.build(combined.shape());
    }
    return least;
  }

  /**
   * What the majority says of one element.
   *
   * @param winner the first member that says so
   * @param share of the weights that do
   */
  private record Vote(Tensor winner, double share) {
    static Vote of(@Nullable Tensor[] members, double[] weights, long element) {
      Map<String, Vote> votes = new LinkedHashMap<>();
      double total = 0;
      for (int m = 0; m < members.length; m++) {
        Tensor member = members[m];
        if (member != null) {
          votes.merge(
              Labels.discrete(member, element),
              new Vote(member, weights[m]),
              (first, other) -> new Vote(first.winner, first.share + other.share));
          total += weights[m];
        }
      }
      Vote best = votes.values().iterator().next();
      for (Vote vote : votes.values()) {
        if (vote.share > best.share) {
          best = vote;
        }
      }
      return new Vote(best.winner, total > 0 ? best.share / total : 0);
    }
  }
}
