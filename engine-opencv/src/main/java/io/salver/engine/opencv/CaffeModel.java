package io.salver.engine.opencv;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_dnn.Net;

/** A network. Its memory is fitted to the rows of a run, and kept for the next. */
final class CaffeModel implements LoadedModel {
  private final Net net;
  private final Signature signature;
  private final long memoryBytes;
  private boolean closed;

  /** A model that owns {@code net}, which has been retained. */
  CaffeModel(Net net, Signature signature, long memoryBytes) {
    this.net = net;
    this.signature = signature;
    this.memoryBytes = memoryBytes;
  }

  @Override
  public Map<String, Signature> signatures() {
    return Map.of(Signature.DEFAULT_NAME, signature);
  }

  /** A network keeps its last run's blobs. */
  @Override
  public boolean isConcurrent() {
    return false;
  }

  @Override
  public void run(Batch batch) {
    if (closed) {
      throw new ServingException(Category.INTERNAL, "model: run after it was closed");
    }
    batch.refuseLate("the model was run");
    List<TensorSpec> wanted = wanted(batch);
    try (PointerScope scope = new PointerScope()) {
      setInputs(batch);
      MatVector outputs = Blobs.forward(net, wanted.stream().map(TensorSpec::nativeName).toList());
      for (int i = 0; i < wanted.size(); i++) {
        String name = wanted.get(i).name();
        Tensor output = Blobs.copy(outputs.get(i), name, batch.arena());
        batch.setOutput(batch.signature().outputIndex(name), output);
      }
    } catch (ServingException | MemoryLimitException e) {
      throw e;
    } catch (RuntimeException e) {
      throw OpenCvErrors.of(e);
    }
  }

  private List<TensorSpec> wanted(Batch batch) {
    List<TensorSpec> wanted = new ArrayList<>();
    for (TensorSpec spec : signature.outputs()) {
      int i = batch.signature().outputIndex(spec.name());
      if (i >= 0 && batch.wants(i)) {
        wanted.add(spec);
      }
    }
    return wanted;
  }

  private void setInputs(Batch batch) {
    long rows = -1;
    for (TensorSpec spec : signature.inputs()) {
      int i = batch.signature().inputIndex(spec.name());
      Tensor input = i < 0 ? null : batch.input(i);
      if (input == null) {
        throw ServingException.invalid(
            "input \"" + spec.name() + "\": missing (expected: " + spec.shape() + ")");
      }
      requireShape(spec, input, rows);
      rows = input.shape().dim(0);
      net.setInput(Blobs.of(input.shape(), input.data()), spec.name(), 1, new Scalar());
    }
  }

  private static void requireShape(TensorSpec spec, Tensor input, long rows) {
    boolean fits = spec.shape().accepts(input.shape()) && input.elementCount() > 0;
    boolean sameRows = rows < 0 || spec.shape().dim(0) != -1 || input.shape().dim(0) == rows;
    if (!fits || !sameRows) {
      throw ServingException.invalid(
          "input \"%s\": shape %s (expected: %s, with at least one row%s)"
              .formatted(
                  spec.name(),
                  input.shape(),
                  spec.shape(),
                  sameRows ? "" : ", and as many as the input before it, " + rows));
    }
  }

  @Override
  public long memoryBytes() {
    return memoryBytes;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      net.releaseReference();
    }
  }
}
