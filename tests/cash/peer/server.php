<?php
// A Cash on PHP's own SoapServer, with names and a namespace of its own. Run by `php -S`; KAS_STYLE is encoded or literal;
// KAS_CODE is the code of the first administration.

const ENCODING = 'http://schemas.xmlsoap.org/soap/encoding/';

$style = getenv('KAS_STYLE');
$address = 'http://' . $_SERVER['HTTP_HOST'] . '/kas.php?api/soap';
$use = $style === 'encoded' ? 'use="encoded" encodingStyle="' . ENCODING . '"' : 'use="literal"';
$list = $style === 'encoded'
    ? '<x:complexContent><x:restriction base="enc:Array"><x:attribute ref="enc:arrayType" wsdl:arrayType="k:Administratie[]"/></x:restriction></x:complexContent>'
    : '<x:sequence><x:element name="item" type="k:Administratie" minOccurs="0" maxOccurs="unbounded"/></x:sequence>';
$wsdl = strtr(file_get_contents(__DIR__ . '/cash.wsdl'), [
    '__ADDRESS__' => $address,
    '__BODY__' => '<soap:body ' . $use . ' namespace="http://kas.voorbeeld.test/dienst/2"/>',
    '__LIST__' => $list,
]);
if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    header('Content-Type: text/xml; charset=utf-8');
    echo $wsdl;
    return;
}

$code = getenv('KAS_CODE') ?: 'x001';
$books = ['admCode' => $code, 'admMap' => '1571', 'admNaam' => 'Jansen & Zn <bv> é'];
$ok = ['code' => 1, 'message' => 'Success'];
$refuse = fn(int $code) => ['response' => ['code' => $code, 'message' => 'Error']];
$transaction = fn(string $id, int $status, string $err) => ['response' => $ok, 'transaction' => [
    'id' => $id, 'status' => $status, 'creation' => '2021-12-15 14:40:33', 'lastUpdate' => '0000-00-00 00:00:00',
    'administration' => $books, 'initiator' => ['relation' => '25583', 'user' => '271363'], 'err' => $err,
]];

class Kas
{
    public function __construct(private array $books, private array $ok, private $refuse, private $transaction, private string $style) {}

    public function AUTHENTICATE($relatie, $email, $pass, $dienst)
    {
        if ($dienst !== 'OUTSMART') {
            return ($this->refuse)(7);
        }
        $good = $relatie === '025583' && $email === 'api@voorbeeld.test' && $pass === "g<h&e]]>'im \"é\"";
        return $good ? ['response' => $this->ok, 'token' => 'tok-é&1'] : ($this->refuse)(2);
    }

    public function listAdministrations($token)
    {
        $all = [$this->books, ['admCode' => 'x001', 'admMap' => '1702', 'admNaam' => 'Verhuur']];
        return $token === 'tok-é&1'
            ? ['response' => $this->ok, 'administrationList' => $this->style === 'encoded' ? $all : ['item' => $all]]
            : ($this->refuse)(5);
    }

    public function export($token, $opdracht, $administratie, $formaat)
    {
        if ($administratie->admCode !== $this->books['admCode'] || $administratie->admMap !== '1571' || $formaat !== 0) {
            return ($this->refuse)(903);
        }
        return ['response' => $this->ok, 'exportResult' => 'Content-type: text/xml <?xml version="1.0" encoding="ISO-8859-1"?>'
            . '<cash><R2260><F2260>' . htmlspecialchars($opdracht) . '</F2260><F2001>Buis &lt;22&gt; é</F2001><Zjpg/></R2260></cash>'];
    }

    public function import($administration, $import, $token)
    {
        preg_match('~^<\?xml version="1.0"\?>\s*<CASH><R0101>.*<F0103>(.*)</F0103></R0101></CASH>$~', $import, $found);
        $name = html_entity_decode($found[1]);
        $err = '<cash><errors><error><message>' . htmlspecialchars($name, ENT_XML1) . '</message><line>1</line><source>0101|0103=x|</source></error></errors></cash>';
        return ($this->transaction)('a1b2', 3, $err);
    }

    public function getTransaction($token, $id)
    {
        return $id === 'a1b2' ? ($this->transaction)($id, 2, '') : ($this->refuse)(902);
    }
}

$file = tempnam(sys_get_temp_dir(), 'kas');
file_put_contents($file, $wsdl);
$server = new SoapServer($file, ['cache_wsdl' => WSDL_CACHE_NONE]);
unlink($file);
$server->setObject(new Kas($books, $ok, $refuse, $transaction, $style));
$server->handle();
