<?php
// A Cash on PHP's own SoapServer that says little about its types. Run by `php -S`. The path says how it answers:
// /encoded or /literal, then /map (parts are arrays with keys), /object (stdClass), /return (all parts in one, a Map),
// /struct (all parts in one, of a declared type) /array (the list is declared a SOAP-ENC:Array of
// anything) or /packed (XML as text is base64Binary).

const ENCODING = 'http://schemas.xmlsoap.org/soap/encoding/';
const OPERATIONS = [
    'Authenticate' => ['in' => ['relation', 'email', 'password', 'service'], 'out' => ['response', 'token']],
    'ListAdministrations' => ['in' => ['token'], 'out' => ['response', 'administrationList']],
    'Export' => ['in' => ['token', 'export', 'administration'], 'out' => ['response', 'exportResult']],
    'Import' => ['in' => ['token', 'import', 'administration'], 'out' => ['response', 'transaction']],
    'GetTransaction' => ['in' => ['token', 'id'], 'out' => ['response', 'transaction']],
];

[, $style, $shape] = explode('/', parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
$one = in_array($shape, ['return', 'struct']);
$type = ($shape === 'packed' ? ['exportResult' => 'base64Binary'] : []) + ['response' => 'anyType', 'administrationList' => $shape === 'array' ? 'LIST' : 'anyType', 'transaction' => 'anyType'];
$part = fn(string $name, string $type) => $type === 'LIST' ? "<part name=\"$name\" type=\"k:Lijst\"/>" : "<part name=\"$name\" type=\"x:$type\"/>";
$use = $style === 'encoded' ? 'use="encoded" encodingStyle="' . ENCODING . '"' : 'use="literal"';
$body = "<s:body $use namespace=\"urn:kas\"/>";
$messages = $asked = $bound = $types = '';
foreach (OPERATIONS as $name => ['in' => $in, 'out' => $out]) {
    $whole = "<part name=\"return\" type=\"" . ($shape === 'struct' ? "k:$name" : 'x:anyType') . '"/>';
    $parts = implode('', array_map(fn($each) => $part($each, $type[$each] ?? 'string'), $out));
    $members = array_map(fn($each) => "<x:element name=\"$each\" type=\"x:" . (isset($type[$each]) ? 'anyType' : 'string') . '" minOccurs="0"/>', $out);
    $types .= "<x:complexType name=\"$name\"><x:sequence>" . implode('', $members) . '</x:sequence></x:complexType>';
    $messages .= "<message name=\"$name\">" . implode('', array_map(fn($each) => $part($each, $each === 'administration' ? 'anyType' : 'string'), $in))
        . "</message><message name=\"{$name}Uit\">" . ($one ? $whole : $parts) . '</message>';
    $asked .= "<operation name=\"$name\"><input message=\"k:$name\"/><output message=\"k:{$name}Uit\"/></operation>";
    $bound .= "<operation name=\"$name\"><s:operation soapAction=\"kas#$name\"/><input>$body</input><output>$body</output></operation>";
}
$array = '<x:complexType name="Lijst"><x:complexContent><x:restriction base="enc:Array">'
    . '<x:attribute ref="enc:arrayType" wsdl:arrayType="x:anyType[]"/></x:restriction></x:complexContent></x:complexType>';
$wsdl = '<definitions name="Kas" targetNamespace="urn:kas" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"'
    . ' xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:k="urn:kas" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:enc="' . ENCODING . '">'
    . "<types><x:schema targetNamespace=\"urn:kas\"><x:import namespace=\"" . ENCODING . "\"/>$array$types</x:schema></types>$messages"
    . "<portType name=\"Poort\">$asked</portType><binding name=\"B\" type=\"k:Poort\">"
    . "<s:binding style=\"rpc\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>$bound</binding>"
    . "<service name=\"Kas\"><port name=\"Poort\" binding=\"k:B\"><s:address location=\"http://{$_SERVER['HTTP_HOST']}/$style/$shape/soap\"/></port></service></definitions>";
if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    header('Content-Type: text/xml; charset=utf-8');
    echo $wsdl;
    return;
}

class Kas
{
    public function __construct(private string $shape) {}

    private function answer(array $parts, int $code = 1)
    {
        $all = ['response' => ['code' => $code, 'message' => 'x']] + $parts;
        if ($this->shape === 'packed' && isset($all['exportResult'])) {
            $all['exportResult'] = new SoapVar(str_replace('Content-type: text/xml ', '', $all['exportResult']), XSD_BASE64BINARY);
        }
        if ($this->shape === 'object') { // stdClass within the parts, an array of parts around them
            $all = (array) json_decode(json_encode($all));
        }
        return $all;
    }

    private function transaction(string $id, string $err)
    {
        return $this->answer(['transaction' => [
            'id' => $id, 'status' => 3, 'creation' => '2021-12-15 14:40:33', 'lastUpdate' => '0000-00-00 00:00:00',
            'administration' => ['admCode' => 'x001', 'admMap' => '1571'], 'initiator' => ['relation' => '25583', 'user' => 271363], 'err' => $err,
        ]]);
    }

    public function Authenticate($relation, $email, $password, $service)
    {
        return $password === 'Geheim-42' ? $this->answer(['token' => 'tok-1']) : $this->answer([], 2);
    }

    public function ListAdministrations($token)
    {
        $first = ['admCode' => 'x001', 'admMap' => '1571', 'admName' => 'Jansen & Zn <bv> é', 'ReadOnly' => 'J'];
        return $this->answer(['administrationList' => [$first, ['admCode' => 'x001', 'admMap' => 1702, 'admName' => 'Verhuur']]]);
    }

    public function Export($token, $export, $administration)
    {
        $records = '';
        for ($i = 0; $i < 3000; $i++) {
            $records .= "<R2209><F2209>M$i</F2209><F2001>Bus &amp; $i</F2001></R2209>";
        }
        return $this->answer(['exportResult' => "Content-type: text/xml <?xml version=\"1.0\"?><cash>$records</cash>"]);
    }

    public function Import($token, $import, $administration)
    {
        return $this->transaction('a1', '<cash><errors><error><message>Fout</message><line>1</line><source>0101|0103=x|</source></error></errors></cash>');
    }

    public function GetTransaction($token, $id)
    {
        return $this->transaction($id, '');
    }
}

$file = tempnam(sys_get_temp_dir(), 'kas');
file_put_contents($file, $wsdl);
$server = new SoapServer($file, ['cache_wsdl' => WSDL_CACHE_NONE]);
unlink($file);
$server->setObject(new Kas($shape));
$server->handle();
