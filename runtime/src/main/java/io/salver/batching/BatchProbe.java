package io.salver.batching;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds out whether requests to a version may share runs: runs made-up rows alone and together, and
 * compares.
 *
 * <p>Only signatures are run of which every input and output declares a first dimension of any
 * size; a version whose batching mode is not {@code AUTO} is not run at all. A signature passes if
 * together each row's outputs are what they are alone, wherever the row stands and whatever stands
 * beside it. One that refuses the rows, takes too long, or says the same of all of them has not
 * shown anything, and does not pass. Nothing that happens here fails a load.
 */
final class BatchProbe {
  private static final long MAX_BYTES = 256L << 20;

  /** Inputs to try, until the model does not refuse them. */
  private static final List<SyntheticRows> INPUTS =
      List.of(
          new SyntheticRows(3, false),
          new SyntheticRows(1, false),
          new SyntheticRows(32, false),
          new SyntheticRows(3, true));

  private static final int ROWS = 3;

  /** Rows that stand together: the same ones twice, first and last, among others and not. */
  private static final List<int[]> TOGETHER =
      List.of(new int[] {0, 1, 2, 0}, new int[] {2, 0}, new int[] {1, 1, 0});

  private final Duration limit;

  /**
   * A probe.
   *
   * @param limit no run is begun after this time
   */
  BatchProbe(Duration limit) {
    this.limit = limit;
  }

  /** Tells {@code batchability} of each signature of {@code model}. */
  void probe(LoadedModel model, Batchability batchability) {
    if (!batchability.isOpen()) {
      return;
    }
    for (Signature signature : model.signatures().values()) {
      Optional<String> undeclared = undeclared(signature);
      Optional<String> objection =
          undeclared.isPresent() ? undeclared : objection(model, signature);
      if (objection.isPresent()) {
        batchability.failed(signature, objection.get());
      } else {
        batchability.passed(signature);
      }
    }
  }

  private static Optional<String> undeclared(Signature signature) {
    if (signature.inputs().stream().allMatch(TensorSpec::optional)) {
      return Optional.of("it has no required input");
    }
    return Stream.concat(signature.inputs().stream(), signature.outputs().stream())
        .filter(spec -> !hasBatchDimension(spec.shape()))
        .findFirst()
        .map(spec ->
            "\""
                + spec.name()
                + "\" is declared "
                + spec.shape()
                + " (expected: a first dimension of -1)");
  }

  private static boolean hasBatchDimension(Shape shape) {
    return shape.isRankKnown() && shape.rank() > 0 && shape.dim(0) == -1;
  }

  private Optional<String> objection(LoadedModel model, Signature signature) {
    long endNs = System.nanoTime() + limit.toNanos();
    String refusal = "";
    for (SyntheticRows rows : INPUTS) {
      try (ArenaPool pool = new ArenaPool(MAX_BYTES);
          TensorArena arena = pool.take()) {
        return new Trial(model, signature, rows, arena, endNs).objection();
      } catch (ServingException | IllegalArgumentException | MemoryLimitException e) {
        refusal = String.valueOf(e.getMessage());
      } catch (RuntimeException e) {
        return Optional.of("the probe failed: " + e);
      }
    }
    return Optional.of("it refuses made-up inputs: " + refusal);
  }

  /** The runs with one kind of inputs. What the model throws passes through. */
  private record Trial(
      LoadedModel model, Signature signature, SyntheticRows rows, TensorArena arena, long endNs) {

    Optional<String> objection() {
      List<Batch> alone = new ArrayList<>();
      for (int row = 0; row < ROWS; row++) {
        if (System.nanoTime() - endNs >= 0) {
          return Optional.of("it is too slow to be probed");
        }
        alone.add(run(row));
      }
      for (int[] together : TOGETHER) {
        if (System.nanoTime() - endNs >= 0) {
          return Optional.of("it is too slow to be probed");
        }
        Optional<String> objection = compare(alone, together, run(together));
        if (objection.isPresent()) {
          return objection;
        }
      }
      return areAllTheSame(alone)
          ? Optional.of("it says the same of all made-up inputs")
          : Optional.empty();
    }

    private Batch run(int... numbers) {
      Batch batch =
          new Batch(
              signature,
              rows.inputs(model, signature, numbers, arena),
              null,
              arena,
              Long.MAX_VALUE);
      model.run(batch);
      return batch;
    }

    private Optional<String> compare(List<Batch> alone, int[] numbers, Batch together) {
      for (int i = 0; i < signature.outputs().size(); i++) {
        String name = signature.outputs().get(i).name();
        Tensor output = together.output(i);
        if (output.shape().rank() == 0 || output.shape().dim(0) != numbers.length) {
          return Optional.of(
              "output \"" + name + "\" is " + output.shape() + " for " + numbers.length + " rows");
        }
        for (int at = 0; at < numbers.length; at++) {
          if (!isSame(alone.get(numbers[at]).output(i), output.rows(at, 1))) {
            return Optional.of("output \"" + name + "\" of a row depends on the other rows");
          }
        }
      }
      return Optional.empty();
    }

    private boolean isSame(Tensor a, Tensor b) {
      return Elements.same(a, b, model.isApproximate());
    }

    private boolean areAllTheSame(List<Batch> alone) {
      for (int i = 0; i < signature.outputs().size(); i++) {
        for (int row = 1; row < ROWS; row++) {
          if (!isSame(alone.getFirst().output(i), alone.get(row).output(i))) {
            return false;
          }
        }
      }
      return true;
    }
  }
}
