import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Security;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.ua.DSTU4145ECBinary;
import org.bouncycastle.asn1.ua.DSTU4145NamedCurves;
import org.bouncycastle.asn1.ua.DSTU4145Params;
import org.bouncycastle.asn1.ua.UAObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.digests.GOST3411Digest;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.DSTU4145Signer;
import org.bouncycastle.jce.interfaces.ECPrivateKey;
import org.bouncycastle.jce.interfaces.ECPublicKey;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Signs by DSTU 4145 with BouncyCastle, for the tests. The arguments are the number of the curve in the standard's table, and whether
 * the key names it or writes it out. Says the public key first, then to each line (bytes in hexadecimal digits) the signature of it.
 */
public class Dstu4145 {
    public static void main(String[] arguments) throws Exception {
        int curve = Integer.parseInt(arguments[0]);
        Security.addProvider(new BouncyCastleProvider());
        KeyPairGenerator generator = KeyPairGenerator.getInstance("DSTU4145", "BC");
        generator.initialize(new ECGenParameterSpec(UAObjectIdentifiers.dstu4145le + ".2." + curve));
        KeyPair pair = generator.generateKeyPair();
        byte[] key = littleEndian(pair.getPublic().getEncoded(), curve, arguments[1].equals("explicit"));
        // BouncyCastle itself has to read it as the same key.
        var read = (ECPublicKey) KeyFactory.getInstance("DSTU4145", "BC").generatePublic(new X509EncodedKeySpec(key));
        if (!read.getQ().equals(((ECPublicKey) pair.getPublic()).getQ())) {
            throw new IllegalStateException("the key is read as another one");
        }
        System.out.println(HexFormat.of().formatHex(key));
        var domain = DSTU4145NamedCurves.getByOID(
            new ASN1ObjectIdentifier(UAObjectIdentifiers.dstu4145le + ".2." + curve));
        int width = (2 * domain.getN().bitLength() + 15) / 16;
        DSTU4145Signer signer = new DSTU4145Signer();
        signer.init(true, new ECPrivateKeyParameters(((ECPrivateKey) pair.getPrivate()).getD(), domain));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            byte[] content = HexFormat.of().parseHex(line);
            GOST3411Digest digest = new GOST3411Digest(usualBoxes());
            digest.update(content, 0, content.length);
            byte[] hash = new byte[32];
            digest.doFinal(hash, 0);
            BigInteger[] pairOfNumbers = signer.generateSignature(hash);
            byte[] value = new byte[2 * width];
            for (int part = 0; part < 2; part++) {
                for (int index = 0; index < width; index++) {
                    value[part * width + index] = pairOfNumbers[part].shiftRight(8 * index).byteValue();
                }
            }
            System.out.println(HexFormat.of().formatHex(value));
        }
    }

    /** The S-boxes of DKE 1, two entries a byte, as the digest wants them: one entry a byte. */
    private static byte[] usualBoxes() {
        byte[] packed = DSTU4145Params.getDefaultDKE();
        byte[] boxes = new byte[2 * packed.length];
        for (int index = 0; index < packed.length; index++) {
            boxes[2 * index] = (byte) ((packed[index] & 0xf0) >> 4);
            boxes[2 * index + 1] = (byte) (packed[index] & 0x0f);
        }
        return boxes;
    }

    /** The same key as certificates of Ukraine have it: little-endian, and the parameters of its curve named or written out. */
    private static byte[] littleEndian(byte[] key, int curve, boolean writtenOut) throws Exception {
        var named = new ASN1ObjectIdentifier(UAObjectIdentifiers.dstu4145le + ".2." + curve);
        var parameters = new ASN1EncodableVector();
        if (writtenOut) {
            var turned = new ASN1EncodableVector();
            var whole = new DSTU4145ECBinary(DSTU4145NamedCurves.getByOID(named));
            for (var part : ASN1Sequence.getInstance(whole.toASN1Primitive())) {
                turned.add(part instanceof ASN1OctetString own ? new DEROctetString(turned(own.getOctets())) : part);
            }
            parameters.add(new DERSequence(turned));
            parameters.add(new DEROctetString(DSTU4145Params.getDefaultDKE()));
        } else {
            parameters.add(named);
        }
        var algorithm = new AlgorithmIdentifier(UAObjectIdentifiers.dstu4145le, new DERSequence(parameters));
        byte[] point = SubjectPublicKeyInfo.getInstance(key).getPublicKeyData().getOctets();
        byte[] bytes = ASN1OctetString.getInstance(point).getOctets();
        return new SubjectPublicKeyInfo(algorithm, new DEROctetString(turned(bytes))).getEncoded();
    }

    private static byte[] turned(byte[] bytes) {
        byte[] turned = new byte[bytes.length];
        for (int index = 0; index < bytes.length; index++) {
            turned[index] = bytes[bytes.length - 1 - index];
        }
        return turned;
    }
}
