package io.salver.engine.trees;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A model of trees, or a linear one. Any number of threads may run it at once. */
final class TreesModel implements LoadedModel {
  static final String INPUT = "input-0";
  static final String OUTPUT = "output-0";

  /** Rows that go through a tree together, and the numbers of a block, which fit a core's cache. */
  private static final int MAX_BLOCK_ROWS = 64;

  private static final int MAX_BLOCK_NUMBERS = 1 << 13;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

  private final TreesDefinition model;
  private final Signature signature;
  private final Shape inputShape;
  private final int answersOfRow;
  private final int blockRows;

  TreesModel(TreesDefinition model) {
    this.model = model;
    int featureCount = model.scorer().featureCount();
    int groupCount = model.scorer().groupCount();
    this.answersOfRow = model.objective().picksClass() ? 1 : groupCount;
    this.inputShape = Shape.of(-1, featureCount);
    Shape outputShape = answersOfRow == 1 ? Shape.of(-1) : Shape.of(-1, answersOfRow);
    this.signature =
        new Signature(
            Signature.DEFAULT_NAME,
            "",
            List.of(TensorSpec.of(INPUT, model.dtype(), inputShape)),
            List.of(TensorSpec.of(OUTPUT, model.dtype(), outputShape)));
    int rowNumbers = Math.max(1, Math.max(featureCount, groupCount));
    this.blockRows = Math.clamp(MAX_BLOCK_NUMBERS / rowNumbers, 1, MAX_BLOCK_ROWS);
  }

  @Override
  public Map<String, Signature> signatures() {
    return Map.of(Signature.DEFAULT_NAME, signature);
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void run(Batch batch) {
    int inputIndex = batch.signature().inputIndex(INPUT);
    int outputIndex = batch.signature().outputIndex(OUTPUT);
    Tensor input =
        Objects.requireNonNull(inputIndex < 0 ? null : batch.input(inputIndex), "input is there");
    if (!inputShape.accepts(input.shape())) {
      throw ServingException.invalid(
          INPUT + ": shape " + input.shape() + " (expected: " + inputShape + ")");
    }
    if (outputIndex < 0 || !batch.wants(outputIndex)) {
      return;
    }
    long rowCount = input.shape().dim(0);
    Tensor output =
        batch
            .arena()
            .allocate(
                model.dtype(),
                answersOfRow == 1 ? Shape.of(rowCount) : Shape.of(rowCount, answersOfRow));
    int scratchRows = (int) Math.min(blockRows, rowCount);
    double[] rows = new double[scratchRows * model.scorer().featureCount()];
    double[] sums = new double[scratchRows * model.scorer().groupCount()];
    for (long from = 0; from < rowCount; from += scratchRows) {
      batch.refuseLate("the model had run");
      int count = (int) Math.min(scratchRows, rowCount - from);
      read(input.data(), from, count, rows);
      model.scorer().score(rows, count, sums);
      answer(sums, count);
      write(sums, from, count, output.data());
    }
    batch.setOutput(outputIndex, output);
  }

  private void read(MemorySegment input, long fromRow, int rowCount, double[] rows) {
    int featureCount = model.scorer().featureCount();
    int count = rowCount * featureCount;
    long from = fromRow * featureCount * model.dtype().sizeBytes();
    if (model.dtype() == DType.FLOAT64) {
      MemorySegment.copy(input, DOUBLE, from, rows, 0, count);
    } else {
      for (int i = 0; i < count; i++) {
        rows[i] = input.get(FLOAT, from + (long) i * Float.BYTES);
      }
    }
  }

  private void answer(double[] sums, int rowCount) {
    int groupCount = model.scorer().groupCount();
    if (model.divisor() != 1) {
      for (int i = 0; i < rowCount * groupCount; i++) {
        sums[i] /= model.divisor();
      }
    }
    model.objective().apply(sums, rowCount, groupCount);
  }

  private void write(double[] sums, long fromRow, int rowCount, MemorySegment output) {
    int groupCount = model.scorer().groupCount();
    long to = fromRow * answersOfRow;
    for (int row = 0; row < rowCount; row++) {
      for (int i = 0; i < answersOfRow; i++) {
        double answer = sums[row * groupCount + i];
        if (model.dtype() == DType.FLOAT64) {
          output.set(DOUBLE, to * Double.BYTES, answer);
        } else {
          output.set(FLOAT, to * Float.BYTES, (float) answer);
        }
        to++;
      }
    }
  }

  @Override
  public long memoryBytes() {
    return model.scorer().memoryBytes();
  }

  @Override
  public void close() {}
}
