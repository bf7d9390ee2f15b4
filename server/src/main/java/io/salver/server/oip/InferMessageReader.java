package io.salver.server.oip;

import io.salver.model.ModelLease;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.inference.Names;
import io.salver.server.inference.SignatureCache;
import io.salver.server.sharedmemory.RegionView;
import io.salver.server.sharedmemory.SharedMemoryRegions;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import io.salver.wire.ProtoReader;
import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tensors of {@code ModelInferRequest} messages straight into an arena: raw contents by
 * one copy, typed ones value by value. One for each event loop, used again and again; not
 * thread-safe.
 *
 * <p>The fields of a message come in any order, so the first pass only notes where they lie.
 */
final class InferMessageReader {
  private static final int ID = 3;
  private static final int PARAMETERS = 4;
  private static final int INPUTS = 5;
  private static final int OUTPUTS = 6;
  private static final int RAW_INPUT_CONTENTS = 7;

  private static final int NAME = 1;
  private static final int DATATYPE = 2;
  private static final int SHAPE = 3;
  private static final int INPUT_PARAMETERS = 4;
  private static final int CONTENTS = 5;
  private static final int OUTPUT_PARAMETERS = 2;

  private static final int KEY = 1;
  private static final int VALUE = 2;

  private final SignatureCache<InferPlan> plans;
  private final SharedMemoryRegions memory;
  private final OutputLabels labels;
  private final ProtoReader reader = new ProtoReader();
  private final InferParameters parameters = new InferParameters();
  private final TensorParameters tensorParameters = new TensorParameters();
  private final TypedContents typed = new TypedContents();
  private final Spans inputs = new Spans();
  private final Spans outputs = new Spans();
  private final Spans raw = new Spans();
  private MemorySegment message = MemorySegment.NULL;
  private byte[] id = ReplyForm.NO_ID;
  private long[] dims = new long[8];
  private int rank;
  private long nameFrom;
  private long nameTo;
  private long datatypeFrom;
  private long datatypeTo;
  private boolean hasContents;

  InferMessageReader(
      SignatureCache<InferPlan> plans, SharedMemoryRegions memory, OutputLabels labels) {
    this.plans = plans;
    this.memory = memory;
    this.labels = labels;
  }

  /** A request, and how it is to be answered. */
  record Read(PredictRequest request, ReplyForm form) {}

  /**
   * The request that {@code request} is.
   *
   * @throws ServingException if the model has no such signature, or inputs, outputs or parameters
   *     are not what it says
   */
  Read read(
      MemorySegment request,
      ModelLease lease,
      TensorArena arena,
      long receivedNs,
      long deadlineNs) {
    message = request;
    try {
      scan();
      Signature signature = ModelDescription.signature(lease, parameters.signature());
      InferPlan plan = plans.of(lease.version(), signature);
      OutputWishes wishes = outputs.count() == 0 ? OutputWishes.ALL : wishes(plan, arena);
      PredictRequest read =
          new PredictRequest(
              lease,
              signature,
              readInputs(plan, arena).complete(),
              wishes.wanted(),
              arena,
              receivedNs,
              deadlineNs,
              parameters.priority(),
              parameters.queueTimeoutNs());
      return new Read(read, new ReplyForm(plan, id, wishes, parameters.marksFinal(), labels));
    } finally {
      message = MemorySegment.NULL;
      reader.reset(message);
      id = ReplyForm.NO_ID;
    }
  }

  /** The id of a request, in UTF-8; empty if it has none, or is no message. */
  static byte[] id(MemorySegment request) {
    byte[] found = ReplyForm.NO_ID;
    try {
      ProtoReader reader = new ProtoReader(request);
      while (reader.next()) {
        if (reader.field() == ID) {
          found = reader.readBytes().toArray(ValueLayout.JAVA_BYTE);
        } else {
          reader.skip();
        }
      }
    } catch (WireFormatException e) {
      // Told to the client by whoever reads the rest of it.
    }
    return found;
  }

  private void scan() {
    inputs.clear();
    outputs.clear();
    raw.clear();
    parameters.clear();
    reader.reset(message);
    while (reader.next()) {
      switch (reader.field()) {
        case ID -> id = reader.readBytes().toArray(ValueLayout.JAVA_BYTE);
        case PARAMETERS -> readParameter(false);
        case INPUTS -> inputs.add(reader);
        case OUTPUTS -> outputs.add(reader);
        case RAW_INPUT_CONTENTS -> raw.add(reader);
        default -> reader.skip();
      }
    }
  }

  /** Reads an entry of a map of parameters. */
  private void readParameter(boolean ofTensor) {
    String key = "";
    Object value = null;
    long outer = reader.enter();
    while (reader.next()) {
      switch (reader.field()) {
        case KEY -> key = reader.readString();
        case VALUE -> value = readChoice(value);
        default -> reader.skip();
      }
    }
    reader.leave(outer);
    if (value == null) {
      return;
    }
    if (ofTensor) {
      tensorParameters.accept(key, value);
    } else {
      parameters.accept(key, value, false);
    }
  }

  /** The last field that is set of an {@code InferParameter}, which is a choice. */
  private @Nullable Object readChoice(@Nullable Object before) {
    Object value = before;
    long outer = reader.enter();
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> value = reader.readBool();
        case 2 -> value = reader.readInt64();
        case 3 -> value = reader.readString();
        case 4 -> value = reader.readDouble();
        case 5 -> value = unsigned(reader.readInt64());
        default -> reader.skip();
      }
    }
    reader.leave(outer);
    return value;
  }

  private static Object unsigned(long value) {
    if (value >= 0) {
      return value;
    }
    double half = value >>> 1;
    return 2 * half;
  }

  private OutputWishes wishes(InferPlan plan, TensorArena arena) {
    OutputWishes wishes = OutputWishes.none(plan.signature().outputs().size());
    for (int n = 0; n < outputs.count(); n++) {
      reader.reset(message, outputs.from(n), outputs.to(n));
      tensorParameters.clear();
      nameFrom = 0;
      nameTo = 0;
      while (reader.next()) {
        switch (reader.field()) {
          case NAME -> noteName();
          case OUTPUT_PARAMETERS -> readParameter(true);
          default -> reader.skip();
        }
      }
      int i = plan.outputs().indexOf(message, nameFrom, nameTo);
      if (i < 0) {
        throw InferInputs.unexpected("output", text(nameFrom, nameTo), plan);
      }
      wishes.add(i, tensorParameters, false, plan, memory, arena);
    }
    return wishes;
  }

  private void noteName() {
    long outer = reader.enter();
    nameFrom = reader.position();
    nameTo = reader.end();
    reader.leave(outer);
  }

  private InferInputs readInputs(InferPlan plan, TensorArena arena) {
    InferInputs read = new InferInputs(plan);
    int used = 0;
    for (int n = 0; n < inputs.count(); n++) {
      readHeader(n);
      int i = plan.inputs().indexOf(message, nameFrom, nameTo);
      if (i < 0) {
        throw InferInputs.unexpected("input", text(nameFrom, nameTo), plan);
      }
      checkDatatype(i, plan, read);
      Shape shape = read.shape(i, dims, rank);
      if (tensorParameters.hasRegion()) {
        if (hasContents) {
          throw read.wrong(i, "contents beside shared_memory_region", "one of the two");
        }
        read.set(i, ofRegion(tensorParameters, memory, plan, i, shape, arena));
      } else if (raw.count() > 0) {
        read.set(i, ofRaw(used++, plan, i, shape, arena));
      } else {
        TensorSpec spec = plan.signature().inputs().get(i);
        read.set(
            i, typed.read(message, inputs.from(n), inputs.to(n), spec, shape, plan.model(), arena));
      }
    }
    if (used != raw.count()) {
      throw rawCount(plan);
    }
    return read;
  }

  private void readHeader(int n) {
    reader.reset(message, inputs.from(n), inputs.to(n));
    tensorParameters.clear();
    rank = 0;
    nameFrom = 0;
    nameTo = 0;
    datatypeFrom = 0;
    datatypeTo = 0;
    hasContents = false;
    while (reader.next()) {
      switch (reader.field()) {
        case NAME -> noteName();
        case DATATYPE -> {
          long outer = reader.enter();
          datatypeFrom = reader.position();
          datatypeTo = reader.end();
          reader.leave(outer);
        }
        case SHAPE -> readShape();
        case INPUT_PARAMETERS -> readParameter(true);
        case CONTENTS -> {
          hasContents = true;
          reader.skip();
        }
        default -> reader.skip();
      }
    }
  }

  private void readShape() {
    if (reader.wireType() != ProtoReader.LENGTH_DELIMITED) {
      addDim(reader.readInt64());
      return;
    }
    long outer = reader.enter();
    while (reader.hasRemaining()) {
      addDim(reader.readVarint());
    }
    reader.leave(outer);
  }

  private void addDim(long dim) {
    if (rank == dims.length) {
      dims = Arrays.copyOf(dims, 2 * rank);
    }
    dims[rank++] = dim;
  }

  private void checkDatatype(int i, InferPlan plan, InferInputs read) {
    byte[] expected = plan.inputDatatype(i);
    boolean same =
        datatypeTo - datatypeFrom == expected.length
            && Names.equal(message, datatypeFrom, expected.length, expected);
    if (!same) {
      throw read.wrongDatatype(i, text(datatypeFrom, datatypeTo));
    }
  }

  private Tensor ofRaw(int n, InferPlan plan, int i, Shape shape, TensorArena arena) {
    TensorSpec spec = plan.signature().inputs().get(i);
    if (hasContents) {
      throw ServingException.invalid(
          "contents field must not be specified when using raw_input_contents for '"
              + spec.name()
              + "' for model '"
              + plan.model()
              + "'");
    }
    if (n >= raw.count()) {
      throw rawCount(plan);
    }
    long from = raw.from(n);
    return RawTensors.read(message, from, raw.to(n) - from, spec, shape, plan.model(), arena);
  }

  private ServingException rawCount(InferPlan plan) {
    return ServingException.invalid(
        "raw_input_contents: "
            + raw.count()
            + " for "
            + inputs.count()
            + " inputs of model '"
            + plan.model()
            + "' (expected: one for each input that is not in shared memory)");
  }

  /** Copies an input out of the shared memory that its parameters name. */
  static Tensor ofRegion(
      TensorParameters parameters,
      SharedMemoryRegions memory,
      InferPlan plan,
      int i,
      Shape shape,
      TensorArena arena) {
    TensorSpec spec = plan.signature().inputs().get(i);
    long size = parameters.regionSize();
    try (RegionView view = memory.view(parameters.region(), parameters.regionOffset(), size)) {
      MemorySegment copy = arena.allocate(size);
      view.read(copy);
      return RawTensors.view(copy, spec, shape, plan.model(), arena);
    }
  }

  private String text(long from, long to) {
    return new String(
        message.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  /** Where fields lie in the message. */
  private static final class Spans {
    private long[] bounds = new long[16];
    private int count;

    void clear() {
      count = 0;
    }

    /** Adds the length-delimited field at the cursor, and passes it. */
    void add(ProtoReader reader) {
      if (2 * count == bounds.length) {
        bounds = Arrays.copyOf(bounds, 2 * bounds.length);
      }
      long outer = reader.enter();
      bounds[2 * count] = reader.position();
      bounds[2 * count + 1] = reader.end();
      reader.leave(outer);
      count++;
    }

    int count() {
      return count;
    }

    long from(int i) {
      return bounds[2 * i];
    }

    long to(int i) {
      return bounds[2 * i + 1];
    }
  }
}
