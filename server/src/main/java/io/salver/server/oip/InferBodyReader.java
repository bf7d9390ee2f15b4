package io.salver.server.oip;

import io.salver.model.ModelLease;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.inference.SignatureCache;
import io.salver.server.json.JsonReader;
import io.salver.server.sharedmemory.SharedMemoryRegions;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * Reads bodies of {@code /infer}: JSON, and behind it the binary data of the inputs that say so.
 * One for each event loop, used again and again; not thread-safe.
 *
 * <p>Members come in any order. The text is read once, except for tensors that stand in front of
 * what says how to read them, which are passed over and come back to.
 */
final class InferBodyReader {
  private static final byte[] ID = ascii("id");
  private static final byte[] PARAMETERS = ascii("parameters");
  private static final byte[] INPUTS = ascii("inputs");
  private static final byte[] OUTPUTS = ascii("outputs");
  private static final byte[] NAME = ascii("name");
  private static final int ABSENT = -1;

  private final SignatureCache<InferPlan> plans;
  private final SharedMemoryRegions memory;
  private final OutputLabels labels;
  private final JsonReader reader = new JsonReader();
  private final InferParameters parameters = new InferParameters();
  private final TensorParameters tensorParameters = new TensorParameters();
  private final InputObjectReader inputObjects = new InputObjectReader(reader, tensorParameters);
  private byte[] id = ReplyForm.NO_ID;
  private int inputsAt;
  private int outputsAt;
  private long binaryAt;

  InferBodyReader(
      SignatureCache<InferPlan> plans, SharedMemoryRegions memory, OutputLabels labels) {
    this.plans = plans;
    this.memory = memory;
    this.labels = labels;
  }

  static byte[] ascii(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Reads a body.
   *
   * @param body holds it from index 0 to {@code length}
   * @param jsonLength how much of it is JSON; 0 for a body that is the only input's binary data
   * @throws ServingException if the body is wrong
   */
  InferMessageReader.Read read(
      byte[] body,
      int length,
      int jsonLength,
      ModelLease lease,
      TensorArena arena,
      long receivedNs,
      long deadlineNs) {
    try {
      parameters.clear();
      id = ReplyForm.NO_ID;
      if (jsonLength == 0) {
        return ofRaw(body, length, lease, arena, receivedNs, deadlineNs);
      }
      reader.reset(body, jsonLength);
      return ofJson(
          new Body(MemorySegment.ofArray(body), jsonLength, length),
          lease,
          arena,
          receivedNs,
          deadlineNs);
    } catch (MemoryLimitException e) {
      throw ServingException.of(e);
    } finally {
      reader.release();
      id = ReplyForm.NO_ID;
    }
  }

  /** The bytes of a request: JSON up to {@code jsonEnd}, binary data from there to {@code end}. */
  private record Body(MemorySegment bytes, int jsonEnd, int end) {}

  private InferMessageReader.Read ofJson(
      Body body, ModelLease lease, TensorArena arena, long receivedNs, long deadlineNs) {
    inputsAt = ABSENT;
    outputsAt = ABSENT;
    InferPlan plan = null;
    InferInputs inputs = null;
    if (reader.peek() != '{') {
      throw ServingException.invalid(
          "request: " + reader.debug(reader.position()) + " (expected: a JSON object)");
    }
    for (boolean more = reader.firstMember(); more; more = reader.nextMember()) {
      if (reader.keyIs(INPUTS)) {
        inputsAt = once(inputsAt, "inputs");
        plan = plan(lease);
        inputs = readInputs(plan, body, arena);
      } else {
        readOther();
      }
    }
    requireEnd();
    if (inputs == null || plan == null) {
      throw ServingException.invalid("request: no \"inputs\" (expected: an array)");
    }
    InferPlan wanted = plan(lease);
    if (wanted != plan) {
      plan = wanted;
      reader.moveTo(inputsAt);
      inputs = readInputs(plan, body, arena);
    }
    if (binaryAt != body.end) {
      throw ServingException.invalid(
          "unexpected additional input data for model '"
              + plan.model()
              + "': "
              + (body.end - binaryAt)
              + " bytes");
    }
    return finish(plan, inputs, wishes(plan, arena), lease, arena, receivedNs, deadlineNs);
  }

  private InferMessageReader.Read finish(
      InferPlan plan,
      InferInputs inputs,
      OutputWishes wishes,
      ModelLease lease,
      TensorArena arena,
      long receivedNs,
      long deadlineNs) {
    PredictRequest request =
        new PredictRequest(
            lease,
            plan.signature(),
            inputs.complete(),
            wishes.wanted(),
            arena,
            receivedNs,
            deadlineNs,
            parameters.priority(),
            parameters.queueTimeoutNs());
    return new InferMessageReader.Read(request, new ReplyForm(plan, id, wishes, false, labels));
  }

  private InferPlan plan(ModelLease lease) {
    Signature signature = ModelDescription.signature(lease, parameters.signature());
    return plans.of(lease.version(), signature);
  }

  private void requireEnd() {
    if (reader.peek() >= 0) {
      throw reader.syntaxError("The document root must not be followed by other values.");
    }
  }

  private int once(int before, String member) {
    if (before != ABSENT) {
      throw ServingException.invalid("request: \"" + member + "\" twice (expected: once)");
    }
    return reader.position();
  }

  private void readOther() {
    if (reader.keyIs(ID)) {
      reader.readString();
      id = reader.string().getBytes(StandardCharsets.UTF_8);
    } else if (reader.keyIs(OUTPUTS)) {
      outputsAt = once(outputsAt, "outputs");
      reader.skipValue();
    } else if (reader.keyIs(PARAMETERS)) {
      for (boolean more = reader.firstMember(); more; more = reader.nextMember()) {
        String key = reader.string();
        parameters.accept(key, InputObjectReader.readParameter(key, reader), true);
      }
    } else {
      reader.skipValue();
    }
  }

  private InferInputs readInputs(InferPlan plan, Body body, TensorArena arena) {
    InferInputs inputs = new InferInputs(plan);
    binaryAt = body.jsonEnd;
    if (reader.peek() != '[') {
      throw ServingException.invalid(
          "inputs: " + reader.debug(reader.position()) + " (expected: an array)");
    }
    for (boolean more = reader.firstElement(); more; more = reader.nextElement()) {
      int i = inputObjects.read(plan, inputs, arena);
      Tensor data = inputObjects.tensor();
      if (data != null) {
        inputs.set(i, data);
      } else if (tensorParameters.hasRegion()) {
        inputs.set(
            i,
            InferMessageReader.ofRegion(
                tensorParameters, memory, plan, i, inputObjects.shape(), arena));
      } else {
        inputs.set(i, binary(plan, i, inputObjects.shape(), body, arena));
      }
    }
    return inputs;
  }

  private Tensor binary(InferPlan plan, int i, Shape shape, Body body, TensorArena arena) {
    long size = tensorParameters.binarySize();
    TensorSpec spec = plan.signature().inputs().get(i);
    if (size > body.end - binaryAt) {
      throw ServingException.invalid(
          "unexpected size for input '"
              + spec.name()
              + "', expecting "
              + (size - (body.end - binaryAt))
              + " additional bytes for model '"
              + plan.model()
              + "'");
    }
    Tensor tensor = RawTensors.read(body.bytes, binaryAt, size, spec, shape, plan.model(), arena);
    binaryAt += size;
    return tensor;
  }

  private OutputWishes wishes(InferPlan plan, TensorArena arena) {
    boolean binary = parameters.binaryOutputs();
    if (outputsAt == ABSENT) {
      return binary ? OutputWishes.ALL_BINARY : OutputWishes.ALL;
    }
    reader.moveTo(outputsAt);
    if (reader.peek() != '[') {
      throw ServingException.invalid(
          "outputs: " + reader.debug(outputsAt) + " (expected: an array)");
    }
    if (!reader.firstElement()) {
      return binary ? OutputWishes.ALL_BINARY : OutputWishes.ALL;
    }
    OutputWishes wishes = OutputWishes.none(plan.signature().outputs().size());
    do {
      wishes.add(readOutput(plan), tensorParameters, binary, plan, memory, arena);
    } while (reader.nextElement());
    return wishes;
  }

  private int readOutput(InferPlan plan) {
    int start = reader.position();
    int i = ABSENT;
    boolean named = false;
    tensorParameters.clear();
    for (boolean more = reader.firstMember(); more; more = reader.nextMember()) {
      if (reader.keyIs(NAME)) {
        reader.readString();
        named = true;
        i = InputObjectReader.indexOf(plan.outputs(), reader);
        if (i < 0) {
          throw InferInputs.unexpected("output", reader.string(), plan);
        }
      } else if (reader.keyIs(PARAMETERS)) {
        inputObjects.readParameters();
      } else {
        reader.skipValue();
      }
    }
    if (!named) {
      throw ServingException.invalid(
          "outputs: " + reader.debug(start) + " (expected: an object with a \"name\")");
    }
    return i;
  }

  /** A body that is nothing but the binary data of the model's only input. */
  private InferMessageReader.Read ofRaw(
      byte[] body,
      int length,
      ModelLease lease,
      TensorArena arena,
      long receivedNs,
      long deadlineNs) {
    InferPlan plan = plan(lease);
    if (plan.signature().inputs().size() != 1) {
      throw ServingException.invalid(
          "raw binary request for model '"
              + plan.model()
              + "': "
              + plan.signature().inputs().size()
              + " inputs (expected: a model with one)");
    }
    InferInputs inputs = new InferInputs(plan);
    inputs.set(0, RawRequests.tensor(MemorySegment.ofArray(body), length, plan, arena));
    return finish(plan, inputs, OutputWishes.ALL_BINARY, lease, arena, receivedNs, deadlineNs);
  }
}
