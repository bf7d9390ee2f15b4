package io.salver.server.oip;

import io.salver.predict.ServingException;
import io.salver.server.inference.Names;
import io.salver.server.json.JsonReader;
import io.salver.server.json.JsonTensorReader;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads one element of "inputs" after the other: {@code {"name", "shape", "datatype", "parameters",
 * "data"}} in any order. Used by one thread.
 */
final class InputObjectReader {
  private static final byte[] NAME = InferBodyReader.ascii("name");
  private static final byte[] SHAPE = InferBodyReader.ascii("shape");
  private static final byte[] DATATYPE = InferBodyReader.ascii("datatype");
  private static final byte[] PARAMETERS = InferBodyReader.ascii("parameters");
  private static final byte[] DATA = InferBodyReader.ascii("data");
  private static final int ABSENT = -1;

  private final JsonReader reader;
  private final TensorParameters parameters;
  private final JsonTensorReader tensors;
  private long[] dims = new long[8];
  private int rank;
  private int index;
  private int dataAt;
  private String datatype = "";
  private @Nullable Tensor read;
  private Shape shape = Shape.SCALAR;

  InputObjectReader(JsonReader reader, TensorParameters parameters) {
    this.reader = reader;
    this.parameters = parameters;
    this.tensors = new JsonTensorReader(reader);
  }

  /**
   * Reads the object at the cursor.
   *
   * @return which input it is; see {@link #tensor} and {@link #shape}
   */
  int read(InferPlan plan, InferInputs inputs, TensorArena arena) {
    int start = reader.position();
    begin();
    for (boolean more = reader.firstMember(); more; more = reader.nextMember()) {
      readMember(plan, inputs, arena);
    }
    int end = reader.position();
    if (index == ABSENT || rank == ABSENT || datatype.isEmpty()) {
      throw ServingException.invalid(
          "inputs: "
              + reader.debug(start)
              + " (expected: an object with \"name\", \"shape\" and \"datatype\")");
    }
    shape = inputs.shape(index, dims, rank);
    checkDatatype(plan, inputs);
    checkForm(plan);
    if (dataAt != ABSENT) {
      if (read == null) {
        reader.moveTo(dataAt);
        readData(plan, arena);
        reader.moveTo(end);
      }
      read = shaped(inputs);
    }
    return index;
  }

  private void begin() {
    parameters.clear();
    index = ABSENT;
    rank = ABSENT;
    dataAt = ABSENT;
    datatype = "";
    read = null;
  }

  private void readMember(InferPlan plan, InferInputs inputs, TensorArena arena) {
    if (reader.keyIs(NAME)) {
      reader.readString();
      index = indexOf(plan.inputs(), reader);
      if (index < 0) {
        throw InferInputs.unexpected("input", reader.string(), plan);
      }
    } else if (reader.keyIs(SHAPE)) {
      readShape();
    } else if (reader.keyIs(DATATYPE)) {
      reader.readString();
      datatype = reader.string();
    } else if (reader.keyIs(PARAMETERS)) {
      readParameters();
    } else if (reader.keyIs(DATA)) {
      dataAt = reader.position();
      if (index != ABSENT && !datatype.isEmpty()) {
        checkDatatype(plan, inputs);
        readData(plan, arena);
      } else {
        reader.skipValue();
      }
    } else {
      reader.skipValue();
    }
  }

  /** Which of {@code names} the string is that was read last; -1 if none. */
  static int indexOf(Names names, JsonReader reader) {
    for (int i = 0; i < names.count(); i++) {
      if (reader.keyIs(names.get(i))) {
        return i;
      }
    }
    return ABSENT;
  }

  private void readShape() {
    rank = 0;
    if (reader.peek() != '[') {
      throw ServingException.invalid(
          "shape: " + reader.debug(reader.position()) + " (expected: an array of integers)");
    }
    for (boolean more = reader.firstElement(); more; more = reader.nextElement()) {
      if (rank == dims.length) {
        dims = Arrays.copyOf(dims, 2 * rank);
      }
      dims[rank++] = readDim();
    }
  }

  private long readDim() {
    int start = reader.position();
    if (reader.isFiniteNumber()) {
      reader.readNumber();
      if (reader.isInteger() && reader.magnitude() >= 0) {
        return reader.isNegative() ? -reader.magnitude() : reader.magnitude();
      }
    }
    reader.moveTo(start);
    throw ServingException.invalid(
        "shape: dimension " + reader.debug(start) + " (expected: an integer from 0 to 2^63 - 1)");
  }

  private void checkDatatype(InferPlan plan, InferInputs inputs) {
    DType dtype = plan.signature().inputs().get(index).dtype();
    if (!datatype.equals(Datatypes.name(dtype))) {
      throw inputs.wrongDatatype(index, datatype);
    }
  }

  private void checkForm(InferPlan plan) {
    int forms = dataAt == ABSENT ? 0 : 1;
    forms += parameters.binarySize() == TensorParameters.UNSET ? 0 : 1;
    forms += parameters.hasRegion() ? 1 : 0;
    if (forms != 1) {
      throw ServingException.invalid(
          "Input must set only one of the following fields: 'data', 'binary_data_size' in"
              + " 'parameters', 'shared_memory_region' in 'parameters': input '"
              + plan.signature().inputs().get(index).name()
              + "' sets "
              + forms);
    }
  }

  /** Reads the object of parameters at the cursor. */
  void readParameters() {
    for (boolean more = reader.firstMember(); more; more = reader.nextMember()) {
      String key = reader.string();
      parameters.accept(key, readParameter(key, reader));
    }
  }

  /** The parameter at the cursor, as a String, Boolean, Long or Double. */
  static Object readParameter(String key, JsonReader reader) {
    int start = reader.position();
    switch (reader.peek()) {
      case '"' -> {
        reader.readString();
        return reader.string();
      }
      case 't', 'f' -> {
        return reader.readBoolean();
      }
      default -> {
        if (!reader.isFiniteNumber()) {
          throw ServingException.invalid(
              "parameter '"
                  + key
                  + "': "
                  + reader.debug(start)
                  + " (expected: a string, a number, true or false)");
        }
        reader.readNumber();
        if (reader.isInteger() && reader.magnitude() >= 0) {
          return reader.isNegative() ? -reader.magnitude() : reader.magnitude();
        }
        reader.moveTo(start);
        return reader.readDouble();
      }
    }
  }

  private void readData(InferPlan plan, TensorArena arena) {
    TensorSpec spec = plan.signature().inputs().get(index);
    requireJsonForm(spec);
    if (reader.peek() != '[') {
      throw ServingException.invalid(
          "data of input '"
              + spec.name()
              + "': "
              + reader.debug(reader.position())
              + " (expected: an array)");
    }
    boolean numbersAsTruth = spec.dtype() == DType.BOOL && beginsWithNumber();
    tensors.begin(numbersAsTruth ? DType.UINT8 : spec.dtype(), arena);
    tensors.readValue();
    Tensor tensor = tensors.finish();
    read = numbersAsTruth ? truth(tensor) : tensor;
  }

  private static void requireJsonForm(TensorSpec spec) {
    String name = Datatypes.name(spec.dtype());
    switch (spec.dtype()) {
      case FLOAT16, BFLOAT16, COMPLEX64, COMPLEX128 ->
          throw ServingException.invalid(
              "receiving "
                  + name
                  + " data via JSON is not supported. Please use the binary data format for input "
                  + spec.name());
      default -> {}
    }
  }

  /** Whether the first element, in whatever depth of lists, is a number. */
  private boolean beginsWithNumber() {
    int start = reader.position();
    boolean inside = true;
    while (inside && reader.peek() == '[') {
      inside = reader.firstElement();
    }
    boolean number = inside && reader.isFiniteNumber();
    reader.moveTo(start);
    return number;
  }

  /** Of numbers, all but 0 are true. */
  private static Tensor truth(Tensor numbers) {
    for (long i = 0; i < numbers.elementCount(); i++) {
      byte truth = (byte) (numbers.getByte(i) == 0 ? 0 : 1);
      numbers.data().set(ValueLayout.JAVA_BYTE, i, truth);
    }
    return Tensor.of(DType.BOOL, numbers.shape(), numbers.data());
  }

  /** What was read, in the shape that the input says; lists may be nested otherwise. */
  private Tensor shaped(InferInputs inputs) {
    Tensor tensor = Objects.requireNonNull(read);
    if (tensor.elementCount() != shape.elementCount()) {
      throw inputs.wrong(
          index,
          "data of " + tensor.elementCount() + " elements",
          shape.elementCount() + " for shape " + shape);
    }
    return tensor.dtype() == DType.STRING
        ? Tensor.ofStrings(shape, tensor.offsets(), tensor.data())
        : Tensor.of(tensor.dtype(), shape, tensor.data());
  }

  /** The tensor of the object that was read last, or null if its data is not in it. */
  @Nullable Tensor tensor() {
    return read;
  }

  /** The shape in it. */
  Shape shape() {
    return shape;
  }
}
