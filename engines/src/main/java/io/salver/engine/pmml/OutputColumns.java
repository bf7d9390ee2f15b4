package io.salver.engine.pmml;

import io.salver.engine.Batch;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The outputs of a run, to which row after row is added. */
final class OutputColumns {
  private static final byte[] MISSING = {};
  private static final long EXPECTED_BYTES = 16;

  private final Batch batch;
  private final long rowCount;
  private final List<Numbers> numbers = new ArrayList<>();
  private final List<Strings> strings = new ArrayList<>();
  private long added;

  private record Numbers(int slot, Tensor tensor) {}

  private record Strings(Variable variable, int output, StringTensorBuilder builder) {}

  /** Those of {@code outputs} that the batch asks for. */
  OutputColumns(Map<String, Variable> outputs, Batch batch, long rowCount) {
    this.batch = batch;
    this.rowCount = rowCount;
    for (Map.Entry<String, Variable> output : outputs.entrySet()) {
      int index = batch.signature().outputIndex(output.getKey());
      if (index < 0 || !batch.wants(index)) {
        continue;
      }
      Variable variable = output.getValue();
      if (variable.type().isNumber()) {
        Tensor tensor = batch.arena().allocate(DType.FLOAT64, Shape.of(rowCount));
        batch.setOutput(index, tensor);
        numbers.add(new Numbers(variable.slot(), tensor));
      } else {
        strings.add(
            new Strings(
                variable,
                index,
                new StringTensorBuilder(batch.arena(), rowCount, rowCount * EXPECTED_BYTES)));
      }
    }
  }

  void add(Row row) {
    for (Numbers column : numbers) {
      column
          .tensor
          .data()
          .setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, added, row.values[column.slot]);
    }
    for (Strings column : strings) {
      double value = row.values[column.variable.slot()];
      column.builder.add(
          Double.isNaN(value)
              ? MISSING
              : Casts.toText(value, column.variable.type(), row.texts)
                  .getBytes(StandardCharsets.UTF_8));
    }
    added++;
  }

  /** Hands the strings to the batch, once all rows were added. */
  void finish() {
    for (Strings column : strings) {
      batch.setOutput(column.output, column.builder.build(Shape.of(rowCount)));
    }
  }
}
