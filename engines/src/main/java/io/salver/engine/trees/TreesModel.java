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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** A model of trees, or a linear one. Any number of threads may run it at once. */
final class TreesModel implements LoadedModel {
  static final String INPUT = "input-0";
  static final String OUTPUT = "output-0";

  /** The signature, and its output, that explain answers. */
  static final String CONTRIBUTIONS = "contributions";

  /** Rows that go through a tree together, and the numbers of a block, which fit a core's cache. */
  private static final int MAX_BLOCK_ROWS = 64;

  private static final int MAX_BLOCK_NUMBERS = 1 << 13;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

  private final TreesDefinition model;
  private final Map<String, Signature> signatures = new LinkedHashMap<>();
  private final Optional<Supplier<TreeShap>> explainers;
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
    this.explainers =
        model.scorer() instanceof Forest forest ? forest.explainers() : Optional.empty();
    List<TensorSpec> inputs = List.of(TensorSpec.of(INPUT, model.dtype(), inputShape));
    addSignature(Signature.DEFAULT_NAME, inputs, OUTPUT, outputShape);
    if (explainers.isPresent()) {
      addSignature(CONTRIBUTIONS, inputs, CONTRIBUTIONS, contributionsShape(-1));
    }
    int rowNumbers = Math.max(1, Math.max(featureCount, groupCount));
    this.blockRows = Math.clamp(MAX_BLOCK_NUMBERS / rowNumbers, 1, MAX_BLOCK_ROWS);
  }

  private void addSignature(
      String name, List<TensorSpec> inputs, String output, Shape outputShape) {
    TensorSpec spec = TensorSpec.of(output, model.dtype(), outputShape);
    signatures.put(name, new Signature(name, "", inputs, List.of(spec)));
  }

  private Shape contributionsShape(long rowCount) {
    int width = model.scorer().featureCount() + 1;
    int groupCount = model.scorer().groupCount();
    return groupCount == 1 ? Shape.of(rowCount, width) : Shape.of(rowCount, groupCount, width);
  }

  @Override
  public Map<String, Signature> signatures() {
    return signatures;
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void run(Batch batch) {
    int inputIndex = batch.signature().inputIndex(INPUT);
    Tensor input =
        Objects.requireNonNull(inputIndex < 0 ? null : batch.input(inputIndex), "input is there");
    if (!inputShape.accepts(input.shape())) {
      throw ServingException.invalid(
          INPUT + ": shape " + input.shape() + " (expected: " + inputShape + ")");
    }
    int answers = wanted(batch, OUTPUT);
    if (answers >= 0) {
      batch.setOutput(answers, answers(batch, input));
    }
    int contributions = wanted(batch, CONTRIBUTIONS);
    if (contributions >= 0 && explainers.isPresent()) {
      batch.setOutput(contributions, contributions(batch, input, explainers.get().get()));
    }
  }

  /** The number of an output if it is asked for, or -1. */
  private static int wanted(Batch batch, String name) {
    int index = batch.signature().outputIndex(name);
    return index >= 0 && batch.wants(index) ? index : -1;
  }

  private Tensor answers(Batch batch, Tensor input) {
    long rowCount = input.shape().dim(0);
    Shape shape = answersOfRow == 1 ? Shape.of(rowCount) : Shape.of(rowCount, answersOfRow);
    Tensor output = batch.arena().allocate(model.dtype(), shape);
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
    return output;
  }

  private Tensor contributions(Batch batch, Tensor input, TreeShap explainer) {
    long rowCount = input.shape().dim(0);
    Tensor output = batch.arena().allocate(model.dtype(), contributionsShape(rowCount));
    double[] row = new double[model.scorer().featureCount()];
    double[] sums = new double[(row.length + 1) * model.scorer().groupCount()];
    for (long i = 0; i < rowCount; i++) {
      batch.refuseLate("the row was explained");
      read(input.data(), i, 1, row);
      explainer.explain(row, sums);
      for (int j = 0; j < sums.length; j++) {
        set(output.data(), i * sums.length + j, sums[j] / model.divisor());
      }
    }
    return output;
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
        set(output, to, sums[row * groupCount + i]);
        to++;
      }
    }
  }

  private void set(MemorySegment output, long index, double value) {
    if (model.dtype() == DType.FLOAT64) {
      output.set(DOUBLE, index * Double.BYTES, value);
    } else {
      output.set(FLOAT, index * Float.BYTES, (float) value);
    }
  }

  @Override
  public long memoryBytes() {
    return model.scorer().memoryBytes();
  }

  @Override
  public void close() {}
}
