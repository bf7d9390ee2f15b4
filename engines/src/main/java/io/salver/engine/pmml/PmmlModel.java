package io.salver.engine.pmml;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A compiled PMML model. Any number of threads may run it at once. */
final class PmmlModel implements LoadedModel {
  static final String ROWS = "rows";
  static final String ROWS_INPUT = "input-0";

  /** Rows between two looks at the deadline. */
  private static final int DEADLINE_ROWS = 64;

  private final CompiledModel model;
  private final long memoryBytes;
  private final List<String> inputNames;
  private final Variable[] inputs;
  private final Map<String, Signature> signatures = new LinkedHashMap<>();

  /**
   * A model.
   *
   * @param memoryBytes an upper bound of what it takes
   */
  PmmlModel(CompiledModel model, long memoryBytes) {
    this.model = model;
    this.memoryBytes = memoryBytes;
    this.inputNames = List.copyOf(model.inputs().keySet());
    this.inputs = model.inputs().values().toArray(Variable[]::new);
    List<TensorSpec> in = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      String name = inputNames.get(i);
      // The first one always has to be there: it says how many rows there are.
      boolean isOptional = i > 0 && model.optionalInputs().contains(name);
      DType dtype = inputs[i].type() == DataType.BOOLEAN ? DType.BOOL : dtype(inputs[i].type());
      in.add(new TensorSpec(name, dtype, Shape.of(-1), name, isOptional));
    }
    List<TensorSpec> out = new ArrayList<>();
    for (Map.Entry<String, Variable> output : model.program().outputs().entrySet()) {
      out.add(TensorSpec.of(output.getKey(), dtype(output.getValue().type()), Shape.of(-1)));
    }
    signatures.put(Signature.DEFAULT_NAME, new Signature(Signature.DEFAULT_NAME, "", in, out));
    boolean isNumeric = in.stream().allMatch(spec -> spec.dtype() == DType.FLOAT64);
    if (isNumeric && inputs.length > 0 && !inputNames.contains(ROWS_INPUT)) {
      TensorSpec rows = TensorSpec.of(ROWS_INPUT, DType.FLOAT64, Shape.of(-1, inputs.length));
      signatures.put(ROWS, new Signature(ROWS, "", List.of(rows), out));
    }
  }

  private static DType dtype(DataType type) {
    return type.isNumber() ? DType.FLOAT64 : DType.STRING;
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
    @Nullable Tensor matrix = input(batch, ROWS_INPUT);
    @Nullable Tensor[] columns = new Tensor[inputs.length];
    long rowCount = -1;
    if (matrix != null && !inputNames.contains(ROWS_INPUT)) {
      check(ROWS_INPUT, matrix, Shape.of(-1, inputs.length));
      rowCount = matrix.shape().dim(0);
    } else {
      matrix = null;
      for (int i = 0; i < columns.length; i++) {
        Tensor column = input(batch, inputNames.get(i));
        columns[i] = column;
        if (column != null) {
          check(inputNames.get(i), column, Shape.of(rowCount));
          rowCount = column.shape().dim(0);
        }
      }
    }
    if (rowCount < 0) {
      throw ServingException.invalid("inputs: none (expected: at least 1)");
    }
    OutputColumns outputs = new OutputColumns(model.program().outputs(), batch, rowCount);
    Row row = model.newRow();
    for (long i = 0; i < rowCount; i++) {
      if (i % DEADLINE_ROWS == 0) {
        batch.refuseLate("the model had run");
      }
      for (int field = 0; field < inputs.length; field++) {
        row.values[inputs[field].slot()] =
            matrix != null
                ? matrix.getDouble(i * inputs.length + field)
                : value(columns[field], i, inputs[field].type(), row);
      }
      model.program().run(row);
      outputs.add(row);
    }
    outputs.finish();
  }

  private static @Nullable Tensor input(Batch batch, String name) {
    int index = batch.signature().inputIndex(name);
    return index < 0 ? null : batch.input(index);
  }

  private static void check(String name, Tensor tensor, Shape expected) {
    if (!expected.accepts(tensor.shape())) {
      throw ServingException.invalid(
          name + ": shape " + tensor.shape() + " (expected: " + expected + ")");
    }
  }

  private static double value(@Nullable Tensor column, long i, DataType type, Row row) {
    if (column == null) {
      return Double.NaN;
    }
    return switch (type) {
      case STRING -> {
        String text = column.getUtf8(i);
        yield text.isEmpty() ? Double.NaN : row.texts.code(text);
      }
      case BOOLEAN -> column.getByte(i) == 0 ? 0 : 1;
      case FLOAT -> (float) column.getDouble(i);
      case INTEGER, DOUBLE -> column.getDouble(i);
    };
  }

  @Override
  public long memoryBytes() {
    return memoryBytes;
  }

  @Override
  public void close() {}
}
